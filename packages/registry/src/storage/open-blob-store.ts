import type { BlobStore } from "./blob-store.ts";
import { openFilesystemStore } from "./filesystem/open-filesystem-store.ts";
import { openS3Store } from "./s3/open-s3-store.ts";
import type { S3StoreOptions } from "./s3/open-s3-store.ts";

export type BlobStoreOptions =
  | {
      readonly kind: "filesystem";
      /** The folder. */
      readonly path: string;
    }
  | ({ readonly kind: "s3" } & S3StoreOptions);

/** Opens the blob store that is configured. @throws {StorageError} when it cannot be used */
export async function openBlobStore(options: BlobStoreOptions): Promise<BlobStore> {
  return options.kind === "s3"
    ? await openS3Store(options)
    : await openFilesystemStore(options.path);
}
