import { preparedQuery } from "../database/prepared-query.ts";
import type { Parameter } from "../database/prepared-query.ts";
import type { Kysely, Selectable, Transaction } from "kysely";
import type { Tables } from "../database/tables.ts";
import type { Repository } from "./repository.ts";
import { namespaceOf } from "./repository-name.ts";

/** Reads of these tables work in and out of transactions. */
type Reader = Kysely<Tables>;
type Row = Selectable<Tables["repositories"]>;

export const REPOSITORY_COLUMNS = [
  "id",
  "name",
  "namespace_id",
  "visibility",
  "state",
  "squash_at_push",
  "squash_compression",
] as const;

/** Index: the unique name. */
export async function findByName(db: Reader, name: string): Promise<Repository | undefined> {
  const row = await db
    .selectFrom("repositories")
    .select(REPOSITORY_COLUMNS)
    .where("name", "=", name)
    .where("deleted_at", "is", null)
    .executeTakeFirst();
  return row && toRepository(row);
}

/** @returns undefined when there is one of that name */
export async function insertRepository(
  trx: Transaction<Tables>,
  values: {
    readonly name: string;
    readonly namespaceId: number;
    readonly visibility: Repository["visibility"];
    readonly description: string;
    readonly createdAt: number;
  },
): Promise<Repository | undefined> {
  const row = await trx
    .insertInto("repositories")
    .values({
      name: values.name,
      namespace_id: values.namespaceId,
      visibility: values.visibility,
      state: "normal",
      description: values.description,
      squash_at_push: 0,
      squash_compression: "none",
      created_at: values.createdAt,
    })
    .onConflict((conflict) => conflict.column("name").doNothing())
    .returning(REPOSITORY_COLUMNS)
    .executeTakeFirst();
  return row && toRepository(row);
}

export async function updateRepository(
  trx: Transaction<Tables>,
  id: number,
  values: {
    readonly visibility?: Row["visibility"];
    readonly state?: Row["state"];
    readonly description?: string;
    readonly squash_at_push?: number;
    readonly squash_compression?: Row["squash_compression"];
  },
): Promise<boolean> {
  const { numUpdatedRows } = await trx
    .updateTable("repositories")
    .set(values)
    .where("id", "=", id)
    .executeTakeFirst();
  return numUpdatedRows > 0n;
}

/** @param row its `name` is the one that people know */
export function toRepository(row: Pick<Row, (typeof REPOSITORY_COLUMNS)[number]>): Repository {
  return {
    id: row.id,
    name: row.name,
    namespaceId: row.namespace_id,
    namespace: namespaceOf(row.name),
    visibility: row.visibility,
    state: row.state,
    squashAtPush: row.squash_at_push === 1,
    squashCompression: row.squash_compression,
  };
}

/** Whose it is, deleted or not. */
export async function findNamespaceOf(db: Reader, id: number): Promise<number | undefined> {
  const row = await db
    .selectFrom("repositories")
    .select("namespace_id")
    .where("id", "=", id)
    .executeTakeFirst();
  return row?.namespace_id;
}

/** Does the repository want squashed images at once? */
export async function squashesAtPush(db: Kysely<Tables>, repositoryId: number): Promise<boolean> {
  return (await SQUASH_AT_PUSH.first(db, { id: repositoryId }))?.squash_at_push === 1;
}

const SQUASH_AT_PUSH = preparedQuery((db, parameter: Parameter<{ id: number }>) =>
  db.selectFrom("repositories").select("squash_at_push").where("id", "=", parameter("id")),
);

/** A repository by its id, a deleted one included. */
export async function findRepositoryById(db: Reader, id: number): Promise<Repository | undefined> {
  const row = await db
    .selectFrom("repositories")
    .select(REPOSITORY_COLUMNS)
    .where("id", "=", id)
    .executeTakeFirst();
  return row && toRepository(row);
}
