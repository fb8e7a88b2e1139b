import { randomUUID } from "node:crypto";
import { open, readdir, rename, rm } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";

import { ImageError } from "@wharf/image";

import { systemCode } from "./transport-error.ts";

/**
 * Writes an OCI layout into a folder; a layout that is there already is replaced when the new one is complete.
 *
 * @param write makes the layout in a folder that does not exist yet, or is empty
 * @throws {ImageError} `invalid-request` when the folder holds anything but a layout
 */
export async function replaceLayout<T>(
  path: string,
  write: (folder: string) => Promise<T>,
): Promise<T> {
  const folder = resolve(path);
  if (!(await isLayout(folder))) return await write(folder);
  const beside = (): string =>
    join(dirname(folder), `.${basename(folder).slice(0, 100)}.${randomUUID()}`);
  const [fresh, old] = [beside(), beside()];
  const result = await write(fresh);
  try {
    await rename(folder, old);
    await rename(fresh, folder);
  } catch (error) {
    await rename(old, folder).catch(() => {}); // it may still be there
    await rm(fresh, { recursive: true, force: true });
    throw error;
  }
  await rm(old, { recursive: true, force: true });
  await using parent = await open(dirname(folder), "r");
  await parent.sync().catch(() => {});
  return result;
}

/** Whether there is a layout; not when there is nothing, or an empty folder. */
async function isLayout(folder: string): Promise<boolean> {
  let names: string[];
  try {
    names = await readdir(folder);
  } catch (error) {
    if (systemCode(error) === "ENOENT") return false;
    if (systemCode(error) !== "ENOTDIR") throw error;
    throw new ImageError("invalid-request", `${folder} is a file, an OCI layout needs a folder`, {
      hint: `for a file write oci-archive:${folder} or docker-archive:${folder}`,
    });
  }
  if (names.length === 0) return false;
  if (names.includes("oci-layout") && names.every((name) => KNOWN.has(name))) return true;
  throw new ImageError(
    "invalid-request",
    `the folder ${folder} holds other things and is not replaced`,
    {
      hint: "name a folder that does not exist yet",
    },
  );
}

/** What a layout holds; a folder with more is someone's work. */
const KNOWN = new Set(["oci-layout", "index.json", "blobs"]);
