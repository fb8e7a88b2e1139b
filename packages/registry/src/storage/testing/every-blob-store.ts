import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite } from "node:test";

import { CreateBucketCommand, S3Client } from "@aws-sdk/client-s3";

import type { BlobStore } from "../blob-store.ts";
import { openBlobStore } from "../open-blob-store.ts";
import type { BlobStoreOptions } from "../open-blob-store.ts";
import type { S3StoreOptions } from "../s3/open-s3-store.ts";
import { startCeph, whyNoCeph } from "./ceph.ts";
import type { Ceph } from "./ceph.ts";

/** An empty store; disposing it throws away what it holds. */
export interface TestBlobStore extends BlobStore {
  /** For `openBlobStore`: what another process would see. To be closed before this one. */
  readonly options: BlobStoreOptions;
}

type OpenTestBlobStore = () => Promise<TestBlobStore>;

/**
 * Describes the same tests on a folder and on S3.
 *
 * @example
 * everyBlobStore((kind, openTestStore) => {
 *   test("an object is there", async () => {
 *     await using store = await openTestStore();
 *   });
 * });
 */
export function everyBlobStore(
  describe: (kind: BlobStoreOptions["kind"], openTestStore: OpenTestBlobStore) => void,
): void {
  suite("in a folder", () => describe("filesystem", openTestFolder));
  suite("on S3", { skip: whyNoCeph() }, () => describe("s3", openTestS3));
}

export async function openTestFolder(): Promise<TestBlobStore> {
  const path = await mkdtemp(join(tmpdir(), "wharf-store-"));
  return await testStore({ kind: "filesystem", path }, () => rm(path, { recursive: true }));
}

/** Skip the suite when `whyNoCeph` says so. */
export async function openTestS3(
  more: Pick<S3StoreOptions, "copyLimit" | "redirect"> = {},
): Promise<TestBlobStore> {
  const options = { kind: "s3", ...(await testBucket()), partSize: TEST_PART, ...more } as const;
  return await testStore(options, () => emptyStore(options));
}

/** S3's smallest part: large uploads need not be that large. */
export const TEST_PART = 5 * 1024 * 1024;
const BUCKET = "wharf-test";
let ceph: Promise<Ceph> | undefined;
let count = 0;

/** A place of its own in the bucket of the one server for all tests of this process. */
export async function testBucket(): Promise<
  Ceph & Pick<S3StoreOptions, "bucket" | "prefix" | "pathStyle">
> {
  const server = await (ceph ??= startWithBucket());
  return { ...server, bucket: BUCKET, prefix: `test-${++count}/`, pathStyle: true };
}

async function startWithBucket(): Promise<Ceph> {
  const server = await startCeph();
  const { accessKeyId, secretAccessKey, endpoint, region } = server;
  const client = new S3Client({
    endpoint,
    region,
    forcePathStyle: true,
    credentials: { accessKeyId, secretAccessKey },
  });
  await client.send(new CreateBucketCommand({ Bucket: BUCKET }));
  client.destroy();
  return server;
}

async function testStore(
  options: BlobStoreOptions,
  remove: () => Promise<void>,
): Promise<TestBlobStore> {
  const store = await openBlobStore(options);
  const close = store[Symbol.asyncDispose].bind(store);
  return Object.assign(store, {
    options,
    async [Symbol.asyncDispose]() {
      await close();
      await remove();
    },
  });
}

/** The server keeps everything in memory; what is small may stay. */
async function emptyStore(options: BlobStoreOptions): Promise<void> {
  await using store = await openBlobStore(options);
  for await (const { key, size } of store.list("")) if (size > 100_000) await store.delete(key);
  for await (const { id } of store.listUploads()) await store.discardUpload(id, undefined);
}
