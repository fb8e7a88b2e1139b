import { DatabaseSync } from "node:sqlite";
import type { StatementSync } from "node:sqlite";
import type { MeasuredBlob, Usage } from "./usage-store.ts";

/** Adds blobs up of which each counts once, however many there are: in a database in a file without a name. */
export class DistinctBlobs implements Disposable {
  readonly #database: DatabaseSync;
  readonly #add: StatementSync;

  constructor() {
    // An empty path: a temporary file that SQLite deletes when it is closed (sqlite.org/inmemorydb.html).
    this.#database = new DatabaseSync("");
    this.#database.exec(`
      pragma journal_mode = off; pragma synchronous = off; pragma cache_size = -4000;
      create table blob (
        digest text not null primary key, size integer not null, is_pulled integer not null
      ) without rowid`);
    this.#add = this.#database.prepare(`insert into blob values (?, ?, ?)
      on conflict do update set is_pulled = max(is_pulled, excluded.is_pulled)`);
  }

  /** What can be pulled from one repository can be pulled from the namespace. */
  add(blobs: readonly MeasuredBlob[]): void {
    this.#database.exec("begin");
    for (const { digest, size, isPulled } of blobs) this.#add.run(digest, size, isPulled);
    this.#database.exec("commit");
  }

  sum(): Usage {
    const row = this.#database
      .prepare(
        `select coalesce(sum(case when is_pulled = 1 then size end), 0) as bytes,
          coalesce(sum(case when is_pulled = 0 then size end), 0) as pendingBytes from blob`,
      )
      .get();
    return { bytes: Number(row?.["bytes"]), pendingBytes: Number(row?.["pendingBytes"]) };
  }

  [Symbol.dispose](): void {
    this.#database.close();
  }
}

/** The same for blobs that are all different. */
export function sumOf(blobs: readonly MeasuredBlob[]): Usage {
  let bytes = 0;
  let pendingBytes = 0;
  for (const { size, isPulled } of blobs) {
    if (isPulled === 1) bytes += size;
    else pendingBytes += size;
  }
  return { bytes, pendingBytes };
}
