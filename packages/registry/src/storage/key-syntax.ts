/** Under this name drivers keep uploads; no key begins with it. */
export const UPLOADS = "uploads/";

const KEY = /^[a-z0-9_-][a-z0-9._-]*(?:\/[a-z0-9_-][a-z0-9._-]*)*$/;
const MAX_KEY = 512;
const PREFIX = /^[a-z0-9._/-]*$/;
const UPLOAD_ID = /^[a-z0-9-]{1,64}$/;

/**
 * Every driver checks a key here before it makes a path or a name of it: no segment is empty or begins with a dot, so
 * there is no way out of the store's own folder.
 *
 * @throws {TypeError} keys are made by `object-keys.ts`, so a bad one is a fault of the program
 */
export function checkKey(key: string): void {
  if (key.length > MAX_KEY || !KEY.test(key) || key.startsWith(UPLOADS))
    throw new TypeError(`not a key of a blob store: ${JSON.stringify(key.slice(0, MAX_KEY))}`);
}

/** @throws {TypeError} for a prefix that no key can begin with; the empty one is that of every key */
export function checkPrefix(prefix: string): void {
  if (prefix.length > MAX_KEY || !PREFIX.test(prefix))
    throw new TypeError(`not a prefix of keys: ${JSON.stringify(prefix.slice(0, MAX_KEY))}`);
}

export function isUploadId(name: string): boolean {
  return UPLOAD_ID.test(name);
}

/** @throws {TypeError} */
export function checkUploadId(id: string): void {
  if (!isUploadId(id))
    throw new TypeError(`not an upload's name: ${JSON.stringify(id.slice(0, MAX_KEY))}`);
}
