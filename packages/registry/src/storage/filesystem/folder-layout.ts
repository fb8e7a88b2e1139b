import { randomUUID } from "node:crypto";
import { join } from "node:path";

import { checkKey, checkUploadId, isUploadId, UPLOADS } from "../key-syntax.ts";

/** A segment this long is a digest, and so one of a kind. */
const ONE_OF_A_KIND = 32;
/** Not in the alphabet of keys. */
const JOINT = "=";
/** Not in the alphabet of upload ids. */
const DOT = ".";
const TEMPORARY = "tmp";

/**
 * Where everything lies in the folder of a store:
 *
 *     blobs/sha256/4f/4f1c…=k3m9x   the object blobs/sha256/4f/4f1c…/k3m9x
 *     indexes/1/sha256/4f/4f1c…     the object indexes/1/sha256/4f/4f1c…
 *     uploads/<id>.<turn>           bytes of an upload so far, a file for each writer
 *     uploads/<random>.tmp          a small object before it gets its name
 *
 * The segments of a key are folders, but a digest gets none for itself: that would be one more folder to make, to
 * sync and to remove for every object. It is joined to what follows by a character that no key has.
 */
export class FolderLayout {
  readonly root: string;
  readonly uploads: string;

  constructor(root: string) {
    this.root = root;
    this.uploads = join(root, UPLOADS.slice(0, -1));
  }

  /** @throws {TypeError} for a bad key */
  objectPath(key: string): string {
    checkKey(key);
    const joined = key
      .split("/")
      .map((segment) => segment + (segment.length >= ONE_OF_A_KIND ? JOINT : "/"))
      .join("");
    return join(this.root, joined.slice(0, -1));
  }

  /**
   * The beginning of the keys of what lies in a folder.
   *
   * @param names of the folders from the root to it
   */
  keyPrefix(names: readonly string[]): string {
    return names.map((name) => `${name}/`).join("");
  }

  /** The key of a file, undefined when it is none of ours. */
  keyOf(folders: readonly string[], name: string): string | undefined {
    const key = this.keyPrefix(folders) + name.replaceAll(JOINT, "/");
    try {
      return this.objectPath(key) === join(this.root, ...folders, name) ? key : undefined;
    } catch {
      return undefined;
    }
  }

  /** @param turn `[a-z0-9]+` @throws {TypeError} for a bad id */
  uploadPath(id: string, turn: string): string {
    checkUploadId(id);
    return join(this.uploads, id + DOT + turn);
  }

  /** The upload that a file under `uploads/` belongs to; what a small object left behind counts as one. */
  uploadOf(name: string): string | undefined {
    const id = name.slice(0, name.indexOf(DOT));
    return name.includes(DOT) && isUploadId(id) ? id : undefined;
  }

  temporaryPath(): string {
    return this.uploadPath(randomUUID(), TEMPORARY);
  }
}
