import type { ByteSink } from "../source/byte-source.ts";

/** For tests: all bytes of a stream. */
export async function collect(chunks: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const parts: Buffer[] = [];
  for await (const chunk of chunks) parts.push(Buffer.from(chunk));
  return Buffer.concat(parts);
}

/** For tests: all bytes that come through a sink. */
export async function collectSink(write: (sink: ByteSink) => Promise<void>): Promise<Buffer> {
  const parts: Buffer[] = [];
  await write(async (chunk) => void parts.push(Buffer.from(chunk)));
  return Buffer.concat(parts);
}
