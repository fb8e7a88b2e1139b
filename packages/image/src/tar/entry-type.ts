/** Kinds of entries after reading; the numbers are stored in layer indexes, so they never change. */
export const EntryType = {
  file: 0,
  hardLink: 1,
  symlink: 2,
  characterDevice: 3,
  blockDevice: 4,
  directory: 5,
  fifo: 6,
} as const;

export type EntryType = (typeof EntryType)[keyof typeof EntryType];

/** Type flags of POSIX ustar, pax and GNU tar (byte 156 of a header). */
export const TypeFlag = {
  oldFile: 0,
  file: 0x30,
  hardLink: 0x31,
  symlink: 0x32,
  characterDevice: 0x33,
  blockDevice: 0x34,
  directory: 0x35,
  fifo: 0x36,
  contiguous: 0x37,
  gnuSparse: 0x53, // S
  gnuLongName: 0x4c, // L
  gnuLongLink: 0x4b, // K
  gnuVolume: 0x56, // V
  paxHeader: 0x78, // x
  paxGlobal: 0x67, // g
} as const;
