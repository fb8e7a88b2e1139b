import type { Insertable, Kysely, Selectable, Transaction } from "kysely";
import type { Tables } from "../database/tables.ts";

type Reader = Kysely<Tables>;
type Writer = Transaction<Tables>;

export type NotificationRow = Selectable<Tables["notifications"]>;

export async function insertNotifications(
  trx: Writer,
  rows: readonly Insertable<Tables["notifications"]>[],
): Promise<void> {
  if (rows.length > 0) await trx.insertInto("notifications").values(rows).execute();
}

/** Index: notifications_by_account_id_and_kind_and_about. */
export async function deleteNotifications(
  trx: Writer,
  { accountId, kind, about }: { accountId: number; kind: string; about: string },
): Promise<void> {
  await trx
    .deleteFrom("notifications")
    .where("account_id", "=", accountId)
    .where("kind", "=", kind)
    .where("about", "=", about)
    .execute();
}

/** The latest first. Index: notifications_by_account_id_and_dismissed_and_created_at_and_uuid. */
export async function listNotifications(
  db: Reader,
  filter: {
    readonly accountId: number;
    readonly dismissed: boolean;
    readonly after: readonly [createdAt: number, uuid: string] | undefined;
    readonly limit: number;
  },
): Promise<NotificationRow[]> {
  let query = db
    .selectFrom("notifications")
    .selectAll()
    .where("account_id", "=", filter.accountId)
    .where("dismissed", "=", filter.dismissed ? 1 : 0)
    .orderBy("created_at", "desc")
    .orderBy("uuid", "desc")
    .limit(filter.limit);
  if (filter.after !== undefined) {
    const [createdAt, uuid] = filter.after;
    query = query.where((eb) =>
      eb(eb.refTuple("created_at", "uuid"), "<", eb.tuple(createdAt, uuid)),
    );
  }
  return query.execute();
}

export async function findNotification(
  db: Reader,
  accountId: number,
  uuid: string,
): Promise<NotificationRow | undefined> {
  return db
    .selectFrom("notifications")
    .selectAll()
    .where("uuid", "=", uuid)
    .where("account_id", "=", accountId)
    .executeTakeFirst();
}

/** @returns false when the account has none of that name */
export async function setDismissed(
  trx: Writer,
  accountId: number,
  uuid: string,
  dismissed: boolean,
): Promise<boolean> {
  const { numUpdatedRows } = await trx
    .updateTable("notifications")
    .set({ dismissed: dismissed ? 1 : 0 })
    .where("uuid", "=", uuid)
    .where("account_id", "=", accountId)
    .executeTakeFirst();
  return numUpdatedRows > 0n;
}

/**
 * The members of an organization's teams with the role admin. Indexes: teams_by_name, team_members_pk.
 *
 * @param limit most that are found
 */
export async function findOrganizationAdmins(
  trx: Writer,
  organizationId: number,
  limit: number,
): Promise<number[]> {
  const rows = await trx
    .selectFrom("teams as t")
    .innerJoin("team_members as m", "m.team_id", "t.id")
    .select("m.account_id")
    .distinct()
    .where("t.organization_id", "=", organizationId)
    .where("t.role", "=", "admin")
    .limit(limit)
    .execute();
  return rows.map((row) => row.account_id);
}
