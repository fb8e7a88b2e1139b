/** Bytes of a tar block: headers are one, data is padded to a multiple of it. */
export const TAR_BLOCK = 512;

/** Directory, regular file (POSIX.1-2024 pax, "ustar Header Block", field typeflag). */
export type TarType = "0" | "5";

/**
 * Writes a ustar header. Only what the synthetic images need: names up to 100 bytes, sizes below 8 GiB, owner 0:0.
 *
 * @param block 512 bytes that are overwritten
 */
export function writeTarHeader(block: Buffer, name: string, type: TarType, size: number): void {
  if (Buffer.byteLength(name) > 100)
    throw new RangeError(`name too long for a short header: ${name}`);
  block.fill(0);
  block.write(name, 0);
  block.write(type === "5" ? "0000755" : "0000644", 100);
  block.write("0000000", 108);
  block.write("0000000", 116);
  block.write(size.toString(8).padStart(11, "0"), 124);
  block.write("13000000000", 136);
  block.write("        ", 148);
  block.write(type, 156);
  block.write("ustar\u000000", 257);
  let sum = 0;
  for (const byte of block) sum += byte;
  block.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148);
}

/** Bytes that data of `size` bytes takes in a tar. */
export function paddedSize(size: number): number {
  return Math.ceil(size / TAR_BLOCK) * TAR_BLOCK;
}
