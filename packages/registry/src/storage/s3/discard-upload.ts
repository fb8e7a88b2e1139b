import type { Bucket } from "./bucket.ts";
import { abortCopy } from "./copy-object.ts";
import { COPY_SUFFIX } from "./s3-layout.ts";
import { StoredS3Object } from "./stored-s3-object.ts";
import type { UploadState } from "./upload-state.ts";

/** A marker is an id and a name. */
const MAX_MARKER = 4096;

/**
 * Removes everything that an upload has stored.
 *
 * @param folder begins the names of all of it
 * @param state tells of a multipart upload that S3 may not list
 */
export async function discardStored(
  bucket: Bucket,
  folder: string,
  state: UploadState | undefined,
): Promise<void> {
  if (state?.multipart !== undefined)
    await bucket.abortMultipart(folder + state.name, state.multipart);
  for await (const { name, multipart } of bucket.multiparts(folder))
    await bucket.abortMultipart(name, multipart);
  for await (const { name, size } of bucket.list(folder)) {
    if (name.endsWith(COPY_SUFFIX)) {
      const marker = await readObject(bucket, name, Math.min(size, MAX_MARKER));
      await abortCopy(bucket, marker.toString());
    }
    await bucket.delete(name);
  }
}

/** A small object's first bytes. */
export async function readObject(bucket: Bucket, name: string, size: number): Promise<Buffer> {
  const source = new StoredS3Object(bucket, name, size, undefined);
  return Buffer.concat(await Array.fromAsync(source.stream()));
}
