import { type ByteSink, type Descriptor, Digester, ImageError } from "@wharf/image";

import type { HttpResponse } from "../transports/http/exchange.ts";
import { TransportError } from "../transports/transport-error.ts";
import type { RegistryClient } from "./registry-client.ts";

/** Bytes that earn a broken download a full set of new tries. */
const PROGRESS = 8 * 2 ** 20;

/**
 * Downloads a blob to a sink and verifies its size and digest. A broken connection goes on where it stopped (RFC
 * 9110, 14.2).
 *
 * @param what what it is, for messages
 * @throws {ImageError} `damaged` when size or digest is not the announced one: the sink has wrong bytes then;
 *   `not-found` when the registry has no such blob
 */
export async function downloadBlob(
  client: RegistryClient,
  blob: Pick<Descriptor, "digest" | "size">,
  sink: ByteSink,
  what: string,
): Promise<void> {
  const digester = new Digester(blob.digest);
  let done = 0;
  const take: ByteSink = async (chunk) => {
    if (done + chunk.length > blob.size) {
      throw new ImageError(
        "damaged",
        `${what} from ${client.host} is longer than the ${blob.size} bytes announced`,
      );
    }
    digester.update(chunk);
    await sink(chunk);
    done += chunk.length;
  };
  for (let finished = false; !finished;) {
    const goal = done + PROGRESS;
    finished = await client.retrying(async () => {
      if (done >= goal) return false;
      await copyFrom(client, blob, done, take, what);
      if (done === blob.size) return true;
      throw new ImageError(
        "damaged",
        `${what} from ${client.host} ends after ${done} of ${blob.size} bytes`,
      );
    });
  }
  const digest = digester.digest();
  if (digest !== blob.digest) {
    throw new ImageError(
      "damaged",
      `${what} from ${client.host} has digest ${digest}, ${blob.digest} is announced`,
    );
  }
}

/** Copies a blob from an offset on. */
async function copyFrom(
  client: RegistryClient,
  blob: Pick<Descriptor, "digest">,
  offset: number,
  sink: ByteSink,
  what: string,
): Promise<void> {
  const response = await client.attempt({
    method: "GET",
    target: `blobs/${blob.digest}`,
    action: "pull",
    headers: offset === 0 ? {} : { range: `bytes=${offset}-` },
    allow: [404],
  });
  if (response.status === 404) {
    response.discard();
    throw new ImageError(
      "not-found",
      `${client.host}/${client.repository} does not have ${what} (${blob.digest})`,
    );
  }
  let skip = skipped(client, response, offset);
  for await (const piece of response.body) {
    const chunk = piece.subarray(Math.min(skip, piece.length));
    skip -= piece.length - chunk.length;
    if (chunk.length > 0) await sink(chunk);
  }
}

/** Bytes before the offset: all of them when the server knows no ranges and sends the whole blob again. */
function skipped(client: RegistryClient, response: HttpResponse, offset: number): number {
  if (response.status !== 206) return offset;
  const start = /^bytes (\d+)-/.exec(response.headers["content-range"] ?? "")?.[1];
  if (Number(start) === offset) return 0;
  response.discard();
  throw new TransportError(
    "refused",
    `${client.host} answers with another range than the one asked for`,
  );
}
