import type { Kysely } from "kysely";
import { up as initial } from "./001-initial.ts";
import { up as people } from "./002-people.ts";
import { up as tagsAndTime } from "./003-tags-and-time.ts";
import { up as audit } from "./004-audit.ts";

export interface Migration {
  readonly name: string;
  /** Runs in a transaction, once. Knows nothing of tables.ts, which goes on changing. */
  readonly up: (db: Kysely<unknown>) => Promise<void>;
}

/** The migration at place n leads to version n + 1. Append only. */
export const migrations: readonly Migration[] = [
  { name: "001-initial", up: initial },
  { name: "002-people", up: people },
  { name: "003-tags-and-time", up: tagsAndTime },
  { name: "004-audit", up: audit },
];
