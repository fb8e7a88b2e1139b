import { DatabaseSync } from "node:sqlite";

import { LossStore } from "./loss-store.ts";
import { ManifestGraphStore } from "./manifest-graph-store.ts";

/** What a run must remember beyond one batch, however much it is: in a database in a file without a name. */
export class Scratch implements Disposable {
  readonly graph: ManifestGraphStore;
  readonly losses: LossStore;
  /** In a dry run: ids of repositories that would be gone by then, with everything they have. */
  readonly presumed = new Set<number>();
  readonly #database: DatabaseSync;

  constructor() {
    // An empty path: a temporary file that SQLite deletes when it is closed (sqlite.org/inmemorydb.html).
    this.#database = new DatabaseSync("");
    this.#database.exec(
      "pragma journal_mode = off; pragma synchronous = off; pragma cache_size = -4000",
    );
    this.graph = new ManifestGraphStore(this.#database);
    this.losses = new LossStore(this.#database);
  }

  [Symbol.dispose](): void {
    this.#database.close();
  }
}
