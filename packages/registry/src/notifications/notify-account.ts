import { randomUUID } from "node:crypto";
import type { Transaction } from "kysely";
import type { Tables } from "../database/tables.ts";
import {
  deleteNotifications,
  findOrganizationAdmins,
  insertNotifications,
} from "./notification-store.ts";

/** What can wait behind a user's bell: Quay's names. A new kind needs nothing but its name here. */
export type NotificationKind =
  | "org_team_invite"
  | "quota_warning"
  | "quota_error"
  | "assigned_authorization";

/** So many admins of an organization are told; more do not make anybody act sooner. */
const MOST_ADMINS = 100;

/** What is told. */
export interface Notice {
  readonly kind: NotificationKind;
  /** Quay's fields where it has the kind; `organization` is shown as the field of that name. No secrets. */
  readonly metadata: Readonly<Record<string, unknown>>;
  /** Names the cause, such as `invitation:12`, so that {@link withdrawNotice} finds it. */
  readonly about?: string;
}

/**
 * Puts something behind a user's bell, in the transaction of the change that it tells of.
 *
 * @param now milliseconds since 1970
 */
export async function notifyAccount(
  trx: Transaction<Tables>,
  accountId: number,
  notice: Notice,
  now: number,
): Promise<void> {
  await insertNotifications(trx, [rowOf(accountId, notice, now)]);
}

/** As {@link notifyAccount}, for each admin of an organization. */
export async function notifyAdmins(
  trx: Transaction<Tables>,
  organizationId: number,
  notice: Notice,
  now: number,
): Promise<void> {
  const admins = await findOrganizationAdmins(trx, organizationId, MOST_ADMINS);
  await insertNotifications(
    trx,
    admins.map((accountId) => rowOf(accountId, notice, now)),
  );
}

/** Takes back what is settled by other means, dismissed or not. */
export async function withdrawNotice(
  trx: Transaction<Tables>,
  accountId: number,
  { kind, about }: { readonly kind: NotificationKind; readonly about: string },
): Promise<void> {
  await deleteNotifications(trx, { accountId, kind, about });
}

function rowOf(
  accountId: number,
  { kind, metadata, about }: Notice,
  now: number,
): Parameters<typeof insertNotifications>[1][number] {
  return {
    uuid: randomUUID(),
    account_id: accountId,
    kind,
    metadata: JSON.stringify(metadata),
    about: about ?? null,
    created_at: now,
  };
}
