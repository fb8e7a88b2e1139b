import type { ByteSink } from "../source/byte-source.ts";
import { Digester } from "../document/digest.ts";
import { ImageError } from "../image-error.ts";
import type { StoredBlob } from "./layout-target.ts";

/**
 * Passes the bytes of a blob to a sink and tells their digest and size.
 *
 * @param expected when given, another digest or size fails with an {@link ImageError} `damaged`, after the transfer
 */
export async function hashedTransfer(
  produce: (sink: ByteSink) => Promise<void>,
  sink: ByteSink,
  expected?: StoredBlob,
): Promise<StoredBlob> {
  const digester = new Digester(expected?.digest);
  let size = 0;
  await produce(async (chunk) => {
    const passing = sink(chunk);
    passing.catch(() => undefined); // told by the await below
    digester.update(chunk); // while the sink is at work
    await passing;
    size += chunk.length;
  });
  const digest = digester.digest();
  if (expected !== undefined && expected.size !== size) {
    throw new ImageError(
      "damaged",
      `the blob ${digest} has ${size} bytes, expected ${expected.size}`,
    );
  }
  if (expected !== undefined && expected.digest !== digest) {
    throw new ImageError("damaged", `a blob has digest ${digest}, expected ${expected.digest}`);
  }
  return { digest, size };
}
