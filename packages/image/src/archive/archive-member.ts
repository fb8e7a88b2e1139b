import { TypeFlag } from "../tar/entry-type.ts";
import { BLOCK, paddedSize } from "../tar/tar-header.ts";
import { writeTarHeader } from "../tar/write-tar-header.ts";

// What the outer tar of an image archive is made of: owner 0, no times, so that equal content gives equal bytes.

/** What stands before the bytes of a file. */
export function fileHead(name: string, size: number): Buffer {
  return writeTarHeader({ name, size });
}

/** What stands behind them; may be empty. */
export function filePadding(size: number): Buffer {
  return Buffer.alloc(paddedSize(size) - size);
}

export function directoryMember(name: string): Buffer {
  return writeTarHeader({ name: `${name}/`, type: TypeFlag.directory });
}

/** What stands at the end: two zero blocks. */
export function archiveEnd(): Buffer {
  return Buffer.alloc(2 * BLOCK);
}
