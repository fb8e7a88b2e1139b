import { mkdir } from "node:fs/promises";
import { dirname } from "node:path";

import { isAbsence, isExistence } from "./file-error.ts";
import { closeFile, openFile, renameFile, syncAll } from "./system-calls.ts";

/**
 * Makes folders and the names in them survive a power cut with as few syncs as possible: a folder is made durable
 * once, and calls that wait for the same folder at the same time share one sync.
 */
export class DurableFolders {
  /** Folders whose own names are durable. */
  readonly #known = new Set<string>();
  readonly #making = new Map<string, Promise<void>>();
  readonly #syncs = new Map<string, Syncs>();

  /** @param root is there and durable */
  constructor(root: string) {
    this.#known.add(root);
  }

  /** Makes a folder below the root, and those above it, unless they are there. */
  async make(folder: string): Promise<void> {
    if (this.#known.has(folder)) return;
    let making = this.#making.get(folder);
    if (making === undefined) {
      making = this.#make(folder).finally(() => this.#making.delete(folder));
      this.#making.set(folder, making);
    }
    await making;
  }

  /** Makes the names in a folder durable as they are at the time of the call. */
  async sync(folder: string): Promise<void> {
    const syncs = this.#syncs.get(folder);
    if (syncs === undefined) return await this.#start(folder);
    // The running one may have looked before the caller's change; the next one serves all who come until it starts.
    syncs.next ??= syncs.running.then(
      () => this.#start(folder),
      () => this.#start(folder),
    );
    await syncs.next;
  }

  /**
   * Gives a durable file its name in a folder from {@link make}; a file of that name is replaced. The name is durable
   * after {@link sync}. After an error the file has its old name.
   */
  async rename(from: string, to: string): Promise<void> {
    try {
      await renameFile(from, to);
    } catch (error) {
      if (isAbsence(error)) this.#known.delete(dirname(to)); // somebody removed it: it is made again next time
      throw error;
    }
  }

  async #make(folder: string): Promise<void> {
    const parent = dirname(folder);
    await this.make(parent);
    await mkdir(folder, { mode: 0o700 }).catch((error: unknown) => {
      if (!isExistence(error)) throw error;
    });
    // Also when it was there: another process may have made it just now.
    await this.sync(parent);
    this.#known.add(folder);
  }

  #start(folder: string): Promise<void> {
    const syncs: Syncs = { running: syncFolder(folder), next: undefined };
    this.#syncs.set(folder, syncs);
    return syncs.running.finally(() => {
      if (this.#syncs.get(folder) === syncs && syncs.next === undefined) this.#syncs.delete(folder);
    });
  }
}

/** The sync of a folder that is under way, and the one that follows when somebody waits for it. */
interface Syncs {
  readonly running: Promise<void>;
  next: Promise<void> | undefined;
}

/** Makes the names in a folder durable. */
export async function syncFolder(folder: string): Promise<void> {
  const fd = await openFile(folder, "r");
  try {
    await syncAll(fd);
  } finally {
    await closeFile(fd);
  }
}
