import type { ByteSource } from "../source/byte-source.ts";
import { detectCompression } from "../compression/compression.ts";
import type { Compression } from "../compression/compression.ts";
import { decompress } from "../compression/decompress.ts";
import { ImageError } from "../image-error.ts";
import type { Limits } from "../limits.ts";
import type { OnProgress } from "../progress.ts";
import { Spool } from "../source/spool.ts";
import { readBytes } from "./source-part.ts";

/** Where the plain archive goes and who is told. */
export interface UnwrapOptions {
  readonly limits: Limits;
  readonly tmpDir: string | undefined;
  readonly signal: AbortSignal | undefined;
  readonly onProgress: OnProgress | undefined;
}

/**
 * Takes the compression off an archive that is compressed as a whole, told by content.
 *
 * @returns a spool with the plain bytes, or `undefined` when the archive is not compressed
 * @throws {ImageError} `damaged`, `limit`, or `unsupported` for bzip2 and xz
 */
export async function unwrap(
  source: ByteSource,
  options: UnwrapOptions,
): Promise<Spool | undefined> {
  const head = await readBytes(source, 0, Math.min(source.size, 8));
  if (head.length === 0) throw new ImageError("damaged", "the input is empty");
  refuseOtherCompression(head);
  const compression = detectCompression(head);
  if (compression === "none") return undefined;
  const spool = await Spool.create(options.tmpDir);
  try {
    await decompressInto(spool, source, compression, options);
    return spool;
  } catch (error) {
    await spool[Symbol.asyncDispose]();
    throw error;
  }
}

async function decompressInto(
  spool: Spool,
  source: ByteSource,
  compression: Compression,
  { limits, signal, onProgress }: UnwrapOptions,
): Promise<void> {
  const maximum = Math.max(limits.ratioFreeBytes, source.size * limits.expansionRatio);
  for await (const chunk of decompress(source, compression, { signal })) {
    if (spool.size + chunk.length > maximum) {
      throw new ImageError("limit", `the archive expands to more than ${maximum} bytes`);
    }
    await spool.write(chunk);
    onProgress?.({ phase: "spool", bytes: chunk.length });
  }
}

function refuseOtherCompression(head: Buffer): void {
  const magic = head.toString("latin1");
  const [name, tool] = magic.startsWith("BZh")
    ? ["bzip2", "bunzip2"]
    : magic.startsWith("\xfd7zXZ\0")
      ? ["xz", "unxz"]
      : [];
  if (name !== undefined) {
    throw new ImageError(
      "unsupported",
      `the archive is compressed with ${name}, only gzip and zstd are read`,
      {
        hint: `unpack it first: ${tool} FILE`,
      },
    );
  }
}
