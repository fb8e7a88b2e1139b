import type { Exchange } from "./exchange.ts";
import { ClientGone } from "./exchange.ts";
import { RegistryError } from "./registry-error.ts";
import type { ErrorCode } from "./error-table.ts";

/**
 * Reads the whole body of a request whose size is bounded.
 *
 * @param limit in bytes; nothing more is read
 * @param code of the error when it is longer
 * @param what it is, for the message
 */
export async function readBody(
  exchange: Exchange,
  limit: number,
  code: ErrorCode,
  what: string,
): Promise<Buffer> {
  const { request } = exchange;
  const tooLong = (): RegistryError =>
    new RegistryError(code, `${what} is longer than ${limit} bytes`, {
      status: 413,
      detail: { limit },
    });
  const announced = Number(exchange.header("content-length") ?? 0);
  if (announced > limit) throw tooLong();
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of bodyChunks(exchange)) {
    size += chunk.length;
    if (size > limit) throw tooLong();
    chunks.push(chunk);
  }
  if (!request.complete) throw new ClientGone();
  return chunks.length === 1 && Buffer.isBuffer(chunks[0])
    ? chunks[0]
    : Buffer.concat(chunks, size);
}

/**
 * The body as it comes. Ends with an error when the client leaves before its end; the request is not destroyed, so
 * that an answer can still be sent.
 */
export async function* bodyChunks(exchange: Exchange): AsyncGenerator<Uint8Array> {
  const { request, response } = exchange;
  // Only now is the body wanted; a client that asked first (RFC 9110, 10.1.1) has sent nothing yet.
  if (exchange.header("expect")?.toLowerCase() === "100-continue") response.writeContinue();
  try {
    for await (const chunk of request.iterator({ destroyOnReturn: false })) {
      yield chunk as Uint8Array; // no encoding is ever set on a request
    }
  } catch (error) {
    throw error instanceof Error && "code" in error && error.code === "ECONNRESET"
      ? new ClientGone()
      : error;
  }
}
