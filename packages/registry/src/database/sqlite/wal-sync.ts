import { closeSync, fdatasync, openSync } from "node:fs";

/**
 * Makes commits of a SQLite database durable, off the event loop, many with one sync.
 *
 * With `synchronous=NORMAL` SQLite writes a commit to the `-wal` file and does not wait for the disk. Whoever calls
 * {@link sync} after his commit gets what `FULL` would have given, for these reasons:
 * - The frames of a commit are in the file when COMMIT returns, so an fdatasync that begins later covers them.
 * - Frames go from the file only when it is begun anew, and that only after a checkpoint has synced the `-wal` file,
 *   copied all of it into the database and synced that (sqlite.org/wal.html, "Write-Ahead Logging"; `synchronous`
 *   NORMAL syncs exactly there). A commit that is overtaken by that was durable before.
 * - The header of a file begun anew is synced before its first frame, so after a crash old frames are never taken for
 *   new ones.
 * - The file stays the same one as long as a connection is open; only the last to close deletes it.
 *
 * Closing this descriptor is harmless: POSIX drops the locks of a process with any descriptor of a file, but SQLite
 * locks the database and `-shm`, never `-wal`. For the same reason nobody may open the database file himself.
 */
export class WalSync implements Disposable {
  readonly #descriptor: number;
  #running = false;
  #waiting: PromiseWithResolvers<void> | undefined;
  #failure: Error | undefined;

  /** @param path of the `-wal` file, which must be there: a connection has read or written in WAL mode */
  constructor(path: string) {
    this.#descriptor = openSync(path, "r");
  }

  /** Throws once a sync has failed: what the kernel could not write then, a later sync does not report again. */
  check(): void {
    if (this.#failure !== undefined) throw this.#failure;
  }

  /** Resolves when everything committed before the call is durable. */
  async sync(): Promise<void> {
    this.check();
    // One that runs already may have begun before the commit, so this call waits for the next.
    this.#waiting ??= Promise.withResolvers();
    const { promise } = this.#waiting;
    if (!this.#running) this.#run();
    await promise;
  }

  #run(): void {
    const batch = this.#waiting;
    this.#waiting = undefined;
    this.#running = batch !== undefined;
    if (batch === undefined) return;
    fdatasync(this.#descriptor, (cause) => {
      if (cause !== null)
        this.#failure ??= new Error(`the database cannot be written: ${cause.message}`, { cause });
      if (this.#failure === undefined) batch.resolve();
      else batch.reject(this.#failure);
      this.#run();
    });
  }

  /** To be called when no sync is under way. */
  [Symbol.dispose](): void {
    closeSync(this.#descriptor);
  }
}
