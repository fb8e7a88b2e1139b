import type { DatabaseSync, StatementSync } from "node:sqlite";

import { PAGE } from "./pages.ts";

/**
 * What would lose references in a dry run:
 * `link`: a blob of a repository, by manifests that go; `source`: a manifest of any repository, itself;
 * `blob`: a blob, by links and squashed images that go; `content`: a blob, itself.
 */
export type LossKind = "link" | "source" | "blob" | "content";

export interface Loss {
  /** Repository, or 0. */
  readonly owner: number;
  readonly digest: string;
  /** References that go. */
  readonly count: number;
}

/** Counts references that would go. They are never fewer than there are, as each is counted when it is given up. */
export class LossStore {
  readonly #add: StatementSync;
  readonly #page: StatementSync;

  constructor(database: DatabaseSync) {
    database.exec(`create table loss (
      kind text not null, owner integer not null, digest text not null, count integer not null,
      primary key (kind, owner, digest)
    ) without rowid`);
    this.#add = database.prepare(`insert into loss values (?, ?, ?, 1)
      on conflict do update set count = count + 1`);
    this.#page = database.prepare(`select owner, digest, count from loss
      where kind = ? and (owner, digest) > (?, ?) order by owner, digest limit ${PAGE}`);
  }

  add(kind: LossKind, owner: number, digest: string): void {
    this.#add.run(kind, owner, digest);
  }

  /** At most {@link PAGE} of them that come after `last`. */
  page(kind: LossKind, last: Loss | undefined): Loss[] {
    const rows = this.#page.all(kind, last?.owner ?? -1, last?.digest ?? "");
    return rows as unknown as Loss[]; // the columns that the statement names
  }
}
