import { StorageError } from "../blob-store.ts";

/** No space, and no space under the quota. */
const FULL = new Set<unknown>(["ENOSPC", "EDQUOT"]);
/** The file or a folder of its path is absent; a folder of the path is a file; it is a folder, or a link: no object. */
const ABSENT = new Set<unknown>(["ENOENT", "ENOTDIR", "EISDIR", "ELOOP"]);

/**
 * What a failed system call means to users of the store. Paths stay in the cause.
 *
 * @param doing what was tried, for example `store indexes/…`
 */
export function fileError(error: unknown, doing: string): unknown {
  const code = errorCode(error);
  if (code === undefined) return error;
  if (FULL.has(code)) return new StorageError("full", `cannot ${doing}: the disk is full`, error);
  if (ABSENT.has(code)) return new StorageError("not-found", `cannot ${doing}: not found`, error);
  return new StorageError("unavailable", `cannot ${doing}: ${code}`, error);
}

/** For calls on a file that is there already: its folder being gone is a fault of the disk, not of the caller. */
export function writeError(error: unknown, doing: string): unknown {
  return isAbsence(error)
    ? new StorageError("unavailable", `cannot ${doing}: a folder of the store is gone`, error)
    : fileError(error, doing);
}

export function isAbsence(error: unknown): boolean {
  return ABSENT.has(errorCode(error));
}

export function isExistence(error: unknown): boolean {
  return errorCode(error) === "EEXIST";
}

/** For `catch`: what has vanished in the meantime is no error. */
export function unlessAbsent(error: unknown): undefined {
  if (!isAbsence(error)) throw fileError(error, "look into the store");
}

/** Of a system call that failed, undefined for any other error. */
function errorCode(error: unknown): string | undefined {
  return error instanceof Error && "syscall" in error && "code" in error
    ? String(error.code)
    : undefined;
}
