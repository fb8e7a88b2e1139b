import type { Kysely } from "kysely";

import type { Tables } from "../database/tables.ts";
import { PAGE } from "./pages.ts";

/** A page of the blobs of a repository. */
export async function findLinksOf(
  db: Kysely<Tables>,
  repositoryId: number,
  last: string | undefined,
): Promise<string[]> {
  const rows = await db
    .selectFrom("repository_blobs")
    .select("digest")
    .where("repository_id", "=", repositoryId)
    .where("digest", ">", last ?? "")
    .orderBy("digest")
    .limit(PAGE)
    .execute();
  return rows.map(({ digest }) => digest);
}

/** A page of the manifests of a repository. */
export async function findManifestsOf(
  db: Kysely<Tables>,
  repositoryId: number,
  last: string | undefined,
): Promise<string[]> {
  const rows = await db
    .selectFrom("manifests")
    .select("digest")
    .where("repository_id", "=", repositoryId)
    .where("digest", ">", last ?? "")
    .orderBy("digest")
    .limit(PAGE)
    .execute();
  return rows.map(({ digest }) => digest);
}
