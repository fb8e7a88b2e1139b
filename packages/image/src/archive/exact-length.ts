import type { ByteSink } from "../source/byte-source.ts";

/**
 * Lets a file through whose length was announced.
 *
 * @param produce writes exactly `size` bytes; anything else fails
 */
export async function exactLength(
  name: string,
  size: number,
  produce: (sink: ByteSink) => Promise<void>,
  sink: ByteSink,
): Promise<void> {
  let written = 0;
  await produce(async (chunk) => {
    written += chunk.length;
    if (written > size) throw new Error(`${name} was announced with ${size} bytes and has more`);
    await sink(chunk);
  });
  if (written < size)
    throw new Error(`${name} was announced with ${size} bytes and has only ${written}`);
}
