import { sql } from "kysely";
import type { Kysely, Transaction } from "kysely";
import { z } from "zod";
import type { Tables } from "../database/tables.ts";

const KEY = "registry-size";

/** Blobs that are added up by one statement. */
const PAGE = 5_000;

const stored = z.object({ bytes: z.number(), at: z.number() });

/** What was measured, and when, in milliseconds since 1970. */
export type MeasuredSize = z.output<typeof stored>;

export async function findRegistrySize(db: Kysely<Tables>): Promise<MeasuredSize | undefined> {
  const row = await db
    .selectFrom("settings")
    .select("value")
    .where("key", "=", KEY)
    .executeTakeFirst();
  return row && stored.parse(JSON.parse(row.value));
}

export async function putRegistrySize(trx: Transaction<Tables>, size: MeasuredSize): Promise<void> {
  const value = JSON.stringify(size);
  await trx
    .insertInto("settings")
    .values({ key: KEY, value })
    .onConflict((conflict) => conflict.column("key").doUpdateSet({ value }))
    .execute();
}

/** The sizes of the blobs after one, a page of them, added up. @returns `last` is undefined behind the last page */
export async function sumBlobs(
  db: Kysely<Tables>,
  after: string,
): Promise<{ readonly bytes: number; readonly last: string | undefined }> {
  const { rows } = await sql<{ bytes: number | null; last: string | null; count: number }>`
    select sum(size) as bytes, max(digest) as last, count(*) as count from (
      select digest, size from blobs
      where digest > ${after} order by digest limit ${sql.lit(PAGE)}
    ) page`.execute(db);
  const [row] = rows;
  const isLast = (row?.count ?? 0) < PAGE;
  return { bytes: row?.bytes ?? 0, last: isLast ? undefined : (row?.last ?? undefined) };
}
