import { createHmac, randomBytes, timingSafeEqual } from "node:crypto";

/** Whom an upload belongs to. */
export interface UploadOwner {
  readonly repositoryId: number;
  /** Account, or another text that names who may go on with it. */
  readonly holder: string;
}

/** Hex digits of its three parts: seconds since 1970, random number, authentication code. */
const TIME = 8;
const RANDOM = 32;
const CODE = 32;

/**
 * Makes the id of an upload. It is all there is of an upload before its first byte is stored: it proves itself, so an
 * abandoned one leaves nothing behind, and every replica knows it. It is of no use in another repository or to
 * somebody else.
 *
 * @param key secret that all replicas share
 */
export function makeUploadId(key: Buffer, owner: UploadOwner, now: number): string {
  const time = Math.floor(now / 1000)
    .toString(16)
    .padStart(TIME, "0");
  const head = time + randomBytes(RANDOM / 2).toString("hex");
  return head + code(key, head, owner);
}

/**
 * Checks the id of an upload.
 *
 * @param maxAge milliseconds after which it is worth nothing
 * @returns the name of the upload in database and blob store, or undefined for an id that we did not make for `owner`
 */
export function openUploadId(
  key: Buffer,
  id: string,
  owner: UploadOwner,
  now: number,
  maxAge: number,
): string | undefined {
  if (id.length !== TIME + RANDOM + CODE || !/^[0-9a-f]+$/.test(id)) return undefined;
  const head = id.slice(0, TIME + RANDOM);
  const given = Buffer.from(id.slice(TIME + RANDOM), "hex");
  if (!timingSafeEqual(given, Buffer.from(code(key, head, owner), "hex"))) return undefined;
  const age = now - Number.parseInt(id.slice(0, TIME), 16) * 1000;
  return age > maxAge ? undefined : id.slice(TIME, TIME + RANDOM);
}

function code(key: Buffer, head: string, { repositoryId, holder }: UploadOwner): string {
  return createHmac("sha256", key)
    .update(`upload ${head} ${repositoryId} ${holder}`)
    .digest("hex")
    .slice(0, CODE);
}
