import { open } from "node:fs/promises";

import type { ByteSink } from "@wharf/image";

/** A new file that takes bytes in order; disposing it closes it. */
export interface FileSink extends AsyncDisposable {
  readonly write: ByteSink;
}

/** @param path must not exist yet */
export async function fileSink(path: string): Promise<FileSink> {
  const file = await open(path, "wx");
  return {
    async write(chunk) {
      for (let offset = 0; offset < chunk.length;) {
        offset += (await file.write(chunk, offset)).bytesWritten;
      }
    },
    async [Symbol.asyncDispose]() {
      await file.close();
    },
  };
}
