// System calls on plain descriptors: a FileHandle costs more and reports what it was not asked for.
import * as fs from "node:fs";
import { promisify } from "node:util";

export const openFile = promisify(fs.open);
export const closeFile = promisify(fs.close);
export const fileStatus: (fd: number) => Promise<fs.Stats> = promisify(fs.fstat);
export const truncateFile: (fd: number, length: number) => Promise<void> = promisify(fs.ftruncate);
/** Data and what is needed to read it again: the size, but not the times. */
export const syncData = promisify(fs.fdatasync);
export const syncAll = promisify(fs.fsync);
export const renameFile = promisify(fs.rename);
export const unlinkFile = promisify(fs.unlink);

/** How many of up to `length` bytes were read; 0 at the end of the file. */
export function readAt(
  fd: number,
  buffer: Uint8Array,
  offset: number,
  length: number,
  position: number,
): Promise<number> {
  return new Promise((resolve, reject) => {
    fs.read(fd, buffer, offset, length, position, (error, count) =>
      error ? reject(error) : resolve(count),
    );
  });
}

/** How many bytes were written; fewer than there are on a full disk, where the next call fails. */
export function writeAt(
  fd: number,
  chunks: readonly Uint8Array[],
  position: number,
): Promise<number> {
  return new Promise((resolve, reject) => {
    fs.writev(fd, chunks, position, (error, count) => (error ? reject(error) : resolve(count)));
  });
}
