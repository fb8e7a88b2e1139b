import { type EntrySpec, paxHeader } from "./tar-builder.ts";

/** Short names for the entries that the corpus is made of. */
type More = Partial<EntrySpec>;

export const file = (name: string, data = "", more: More = {}): EntrySpec => ({
  name,
  data,
  ...more,
});
export const dir = (name: string, more: More = {}): EntrySpec => ({ name, type: "5", ...more });
export const symlink = (name: string, link: string, more: More = {}): EntrySpec => ({
  name,
  type: "2",
  link,
  ...more,
});
/** A hard link. */
export const link = (name: string, target: string, more: More = {}): EntrySpec => ({
  name,
  type: "1",
  link: target,
  ...more,
});
export const fifo = (name: string, more: More = {}): EntrySpec => ({ name, type: "6", ...more });
export const char = (
  name: string,
  devmajor: number,
  devminor: number,
  more: More = {},
): EntrySpec => ({
  name,
  type: "3",
  devmajor,
  devminor,
  ...more,
});
export const block = (
  name: string,
  devmajor: number,
  devminor: number,
  more: More = {},
): EntrySpec => ({
  name,
  type: "4",
  devmajor,
  devminor,
  ...more,
});
/** The whiteout of `path`: `a/b` becomes `a/.wh.b`. */
export const whiteout = (path: string, more: More = {}): EntrySpec => {
  const slash = path.lastIndexOf("/") + 1;
  return { name: `${path.slice(0, slash)}.wh.${path.slice(slash)}`, mode: 0, mtime: 0, ...more };
};
/** The opaque marker of a directory; "" is the root. */
export const opaque = (path: string, more: More = {}): EntrySpec => ({
  name: `${path === "" ? "" : `${path}/`}.wh..wh..opq`,
  mode: 0,
  mtime: 0,
  ...more,
});
/** A PAX global header. */
export const global = (records: Readonly<Record<string, string>>): Uint8Array =>
  paxHeader("g", records);
