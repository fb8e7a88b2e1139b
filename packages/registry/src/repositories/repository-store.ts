import { preparedQuery } from "../database/prepared-query.ts";
import type { Parameter } from "../database/prepared-query.ts";
import { sql } from "kysely";
import type { Kysely, Selectable, Transaction } from "kysely";
import type { Tables } from "../database/tables.ts";
import type { Repository } from "./repository.ts";
import { namespaceOf } from "./repository-name.ts";

/** Reads of these tables work in and out of transactions. */
type Reader = Kysely<Tables>;
type Row = Selectable<Tables["repositories"]>;

const COLUMNS = [
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
    .select(COLUMNS)
    .where("name", "=", name)
    .executeTakeFirst();
  return row && toRepository(row);
}

/** Index: the unique name of accounts. */
export async function findNamespaceId(db: Reader, name: string): Promise<number | undefined> {
  const row = await db
    .selectFrom("accounts")
    .select("id")
    .where("name", "=", name)
    .where("kind", "in", ["user", "organization"])
    .executeTakeFirst();
  return row?.id;
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
    .returning(COLUMNS)
    .executeTakeFirst();
  return row && toRepository(row);
}

/** Gives the creator the role admin; one that is gone meanwhile gets nothing. */
export async function insertCreator(
  trx: Transaction<Tables>,
  repositoryId: number,
  accountId: number,
): Promise<void> {
  await trx
    .insertInto("repository_permissions")
    .columns(["repository_id", "account_id", "role"])
    .expression((eb) =>
      eb
        .selectFrom("accounts")
        .select([
          eb.val(repositoryId).as("repository_id"),
          "id as account_id",
          sql<"admin">`'admin'`.as("role"),
        ])
        .where("id", "=", accountId),
    )
    .execute();
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

/**
 * Deletes a repository and all its rows. Tags go first by hand: they keep manifests from being deleted. The rest goes
 * with the repository; blobs and leftovers of uploads are found by collection.
 */
export async function removeRepository(trx: Transaction<Tables>, id: number): Promise<boolean> {
  await trx.deleteFrom("tags").where("repository_id", "=", id).execute();
  const { numDeletedRows } = await trx
    .deleteFrom("repositories")
    .where("id", "=", id)
    .executeTakeFirst();
  return numDeletedRows > 0n;
}

/** Who looks, for {@link listVisible}. */
export interface Viewer {
  /** Sees everything. */
  readonly all: boolean;
  readonly accountId: number | undefined;
  /** A robot sees what is granted in this namespace alone; undefined for everybody else. */
  readonly robotOf: string | undefined;
  /** One more repository, for the holder of its secret. */
  readonly repositoryId: number | undefined;
  /** Public ones as well. */
  readonly public: boolean;
}

export interface ListedRepository {
  readonly id: number;
  readonly name: string;
  readonly visibility: Row["visibility"];
  readonly state: Row["state"];
  readonly description: string;
}

/**
 * Repositories that somebody may read, by name. Walks the unique index of names from `after` on and looks at the
 * rights of each by primary keys (teams_by_name, team_members_pk and the like), until the page is full.
 */
export async function listVisible(
  db: Reader,
  viewer: Viewer,
  page: {
    readonly after: string;
    readonly limit: number;
    readonly contains: string;
    readonly namespace: string | undefined;
  },
): Promise<ListedRepository[]> {
  let query = db
    .selectFrom("repositories as r")
    .select(["r.id", "r.name", "r.visibility", "r.state", "r.description"])
    .where("r.name", ">", page.after)
    .orderBy("r.name")
    .limit(page.limit);
  if (page.contains !== "") {
    const pattern = `%${page.contains.replaceAll(/[\\%_]/g, String.raw`\$&`)}%`;
    query = query.where(sql<boolean>`r.name like ${pattern} escape '\\'`);
  }
  if (page.namespace !== undefined) {
    // `0` is the character after `/`.
    query = query
      .where("r.name", ">", `${page.namespace}/`)
      .where("r.name", "<", `${page.namespace}0`);
  }
  if (!viewer.all) {
    const { accountId, robotOf, repositoryId } = viewer;
    query = query.where((eb) => {
      const ways = [];
      if (viewer.public) ways.push(eb("r.visibility", "=", "public"));
      if (repositoryId !== undefined) ways.push(eb("r.id", "=", repositoryId));
      if (accountId !== undefined) {
        const granted = eb.or([
          eb("r.namespace_id", "=", accountId),
          eb.exists(
            eb
              .selectFrom("repository_permissions as p")
              .select("p.role")
              .whereRef("p.repository_id", "=", "r.id")
              .where("p.account_id", "=", accountId),
          ),
          eb.exists(
            eb
              .selectFrom("teams as t")
              .innerJoin("team_members as m", "m.team_id", "t.id")
              .select("t.id")
              .whereRef("t.organization_id", "=", "r.namespace_id")
              .where("t.role", "=", "admin")
              .where("m.account_id", "=", accountId),
          ),
          eb.exists(
            eb
              .selectFrom("repository_team_permissions as tp")
              .innerJoin("team_members as m", "m.team_id", "tp.team_id")
              .select("tp.role")
              .whereRef("tp.repository_id", "=", "r.id")
              .where("m.account_id", "=", accountId),
          ),
        ]);
        ways.push(
          robotOf === undefined
            ? granted
            : eb.and([granted, eb("r.name", ">", `${robotOf}/`), eb("r.name", "<", `${robotOf}0`)]),
        );
      }
      return eb.or(ways);
    });
  }
  return query.execute();
}

function toRepository(row: Pick<Row, (typeof COLUMNS)[number]>): Repository {
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

/** Does the repository want squashed images at once? */
export async function squashesAtPush(db: Kysely<Tables>, repositoryId: number): Promise<boolean> {
  return (await SQUASH_AT_PUSH.first(db, { id: repositoryId }))?.squash_at_push === 1;
}

const SQUASH_AT_PUSH = preparedQuery((db, parameter: Parameter<{ id: number }>) =>
  db.selectFrom("repositories").select("squash_at_push").where("id", "=", parameter("id")),
);
