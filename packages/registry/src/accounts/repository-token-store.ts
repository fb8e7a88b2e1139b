import type { Kysely, Transaction } from "kysely";
import type { Tables } from "../database/tables.ts";
import type { Role } from "./role.ts";

/** A secret for one repository, without what is secret. */
export interface RepositoryTokenRow {
  readonly id: number;
  readonly uuid: string;
  readonly title: string;
  readonly role: Role | null;
  readonly created_at: number;
  readonly expires_at: number | null;
  readonly last_used_at: number | null;
}

const TOKEN = ["id", "uuid", "title", "role", "created_at", "expires_at", "last_used_at"] as const;

/** By id. Index: credentials_by_repository_id. */
export async function listRepositoryTokenRows(
  db: Kysely<Tables>,
  repositoryId: number,
  page: { readonly after: number; readonly limit: number },
): Promise<RepositoryTokenRow[]> {
  return db
    .selectFrom("credentials")
    .select(TOKEN)
    .where("repository_id", "=", repositoryId)
    .where("id", ">", page.after)
    .orderBy("id")
    .limit(page.limit)
    .execute();
}

/** Index: credentials_by_uuid. */
export async function findRepositoryTokenRow(
  db: Kysely<Tables>,
  repositoryId: number,
  uuid: string,
): Promise<RepositoryTokenRow | undefined> {
  return db
    .selectFrom("credentials")
    .select(TOKEN)
    .where("uuid", "=", uuid)
    .where("repository_id", "=", repositoryId)
    .executeTakeFirst();
}

/** @returns false when it is gone */
export async function removeRepositoryTokenRow(
  trx: Transaction<Tables>,
  id: number,
): Promise<boolean> {
  const { numDeletedRows } = await trx
    .deleteFrom("credentials")
    .where("id", "=", id)
    .executeTakeFirst();
  return numDeletedRows > 0n;
}
