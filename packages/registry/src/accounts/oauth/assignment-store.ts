import type { Kysely, Selectable, Transaction } from "kysely";
import type { Tables } from "../../database/tables.ts";

/** Reads work in and out of transactions. */
type Reader = Kysely<Tables>;
type Writer = Transaction<Tables>;

export type AssignmentRow = Selectable<Tables["oauth_assignments"]> & {
  readonly client_id: string;
  readonly application_name: string;
  readonly description: string;
  readonly application_uri: string;
  readonly organization: string;
};

export async function insertAssignment(
  trx: Writer,
  values: Selectable<Tables["oauth_assignments"]>,
): Promise<void> {
  await trx.insertInto("oauth_assignments").values(values).execute();
}

export async function findAssignment(
  db: Reader,
  accountId: number,
  uuid: string,
): Promise<AssignmentRow | undefined> {
  return assignments(db)
    .where("a.uuid", "=", uuid)
    .where("a.account_id", "=", accountId)
    .executeTakeFirst();
}

/** One page, newest first. Index: oauth_assignments_by_account_id_and_created_at. */
export async function listAssignmentsOf(
  db: Reader,
  accountId: number,
  page: {
    readonly before: readonly [at: number, uuid: string] | undefined;
    readonly limit: number;
  },
): Promise<AssignmentRow[]> {
  const { before, limit } = page;
  return assignments(db)
    .where("a.account_id", "=", accountId)
    .$if(before !== undefined, (query) =>
      query.where((eb) => {
        const [at, uuid] = before ?? [0, ""];
        return eb.or([
          eb("a.created_at", "<", at),
          eb.and([eb("a.created_at", "=", at), eb("a.uuid", "<", uuid)]),
        ]);
      }),
    )
    .orderBy("a.created_at", "desc")
    .orderBy("a.uuid", "desc")
    .limit(limit)
    .execute();
}

/** @returns false when it is gone already: it is accepted once */
export async function removeAssignment(
  trx: Writer,
  accountId: number,
  uuid: string,
): Promise<boolean> {
  const { numDeletedRows } = await trx
    .deleteFrom("oauth_assignments")
    .where("uuid", "=", uuid)
    .where("account_id", "=", accountId)
    .executeTakeFirst();
  return numDeletedRows > 0n;
}

function assignments(db: Reader) {
  return db
    .selectFrom("oauth_assignments as a")
    .innerJoin("oauth_applications as p", "p.id", "a.application_id")
    .innerJoin("accounts as o", "o.id", "p.organization_id")
    .selectAll("a")
    .select([
      "p.client_id",
      "p.name as application_name",
      "p.description",
      "p.application_uri",
      "o.name as organization",
    ]);
}
