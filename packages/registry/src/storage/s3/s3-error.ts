import { StorageError } from "../blob-store.ts";

/** Names that S3 itself, Ceph and MinIO give to a missing object, part or upload. */
const ABSENT = new Set(["NoSuchKey", "NotFound", "NoSuchUpload", "NoSuchVersion"]);
/** The same for a bucket or a disk that takes no more. */
const FULL = new Set([
  "QuotaExceeded",
  "InsufficientStorage",
  "InsufficientCapacity",
  "XMinioStorageFull",
]);
/** HTTP: insufficient storage (RFC 4918 section 11.5). */
const INSUFFICIENT_STORAGE = 507;

/**
 * What a failed request means to users of the store. The SDK's error is not kept: it carries headers with signatures.
 *
 * @param doing what was tried, for example `store indexes/…`
 */
export function s3Error(error: unknown, doing: string): unknown {
  const failure = failureOf(error);
  if (failure === undefined) return error;
  const { name, status } = failure;
  const cause = new Error([name, status, failure.text].filter((part) => part !== "").join(" "));
  if (ABSENT.has(name)) return new StorageError("not-found", `cannot ${doing}: not found`, cause);
  if (FULL.has(name) || status === INSUFFICIENT_STORAGE)
    return new StorageError("full", `cannot ${doing}: the bucket is full (${name})`, cause);
  return new StorageError("unavailable", `cannot ${doing}: ${name}`, cause);
}

export function isNotFound(error: unknown): boolean {
  return error instanceof StorageError && error.code === "not-found";
}

/** Undefined when the error is none of a request. */
function failureOf(
  error: unknown,
): { name: string; status: number | ""; text: string } | undefined {
  if (!(error instanceof Error)) return undefined;
  // A system call that failed has a code; everything that the SDK throws has `$metadata`.
  const code = "code" in error && typeof error.code === "string" ? error.code : undefined;
  if (!("$metadata" in error)) {
    return code === undefined ? undefined : { name: code, status: "", text: "" };
  }
  const metadata = error.$metadata as { httpStatusCode?: number } | undefined; // as the SDK declares it
  const status = metadata?.httpStatusCode ?? "";
  // Only what S3 itself says, never what a client or a proxy put into the text.
  return {
    name: code ?? error.name,
    status,
    text: status === "" ? "" : error.message.slice(0, 200),
  };
}
