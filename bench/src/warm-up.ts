import { createReadStream } from "node:fs";

/** Reads files once, so that every subject finds them in the page cache. */
export async function warmUp(paths: readonly string[]): Promise<void> {
  for (const path of paths) {
    for await (const _ of createReadStream(path, { highWaterMark: 4 * 1024 * 1024 }));
  }
}
