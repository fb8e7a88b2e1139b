import { z } from "zod";

/** Kinds of entries of a file system. */
export const fileType = z.enum([
  "file",
  "directory",
  "symlink",
  "character-device",
  "block-device",
  "fifo",
]);
