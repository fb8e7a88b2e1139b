import { z } from "zod";
import type { Administration } from "../accounts/admin/administration.ts";
import type { AccountPrincipal } from "../accounts/principal.ts";
import { decodeCursor, pageOf } from "../api/cursor.ts";
import { RegistryError } from "../http/registry-error.ts";
import { findNotification, listNotifications, setDismissed } from "./notification-store.ts";
import type { NotificationRow } from "./notification-store.ts";

/** Something behind a user's bell. */
export interface Notification {
  readonly uuid: string;
  readonly kind: string;
  readonly metadata: Readonly<Record<string, unknown>>;
  readonly dismissed: boolean;
  /** Milliseconds since 1970. */
  readonly createdAt: number;
}

const Cursor = z.tuple([z.int(), z.string().max(36)]);

/** The user's own, the latest first. */
export async function listOwnNotifications(
  { database, rights }: Administration,
  actor: AccountPrincipal,
  page: {
    readonly dismissed: boolean;
    readonly cursor: string | undefined;
    readonly limit: number;
  },
): Promise<{ readonly entries: readonly Notification[]; readonly next_page?: string }> {
  await rights.require(actor, "self.read");
  const rows = await listNotifications(database.read, {
    accountId: actor.accountId,
    dismissed: page.dismissed,
    after: decodeCursor(page.cursor, Cursor),
    limit: page.limit + 1,
  });
  const { entries, ...next } = pageOf(rows, page.limit, (row) => [row.created_at, row.uuid]);
  return { entries: entries.map(notificationOf), ...next };
}

/** @throws {RegistryError} `NOT_FOUND` for what is none of theirs */
export async function findOwnNotification(
  { database, rights }: Administration,
  actor: AccountPrincipal,
  uuid: string,
): Promise<Notification> {
  await rights.require(actor, "self.read");
  const row = await findNotification(database.read, actor.accountId, uuid);
  if (row === undefined) throw unknown(uuid);
  return notificationOf(row);
}

/** @throws {RegistryError} `NOT_FOUND` for what is none of theirs */
export async function dismissNotification(
  { database, rights }: Administration,
  actor: AccountPrincipal,
  uuid: string,
  dismissed: boolean,
): Promise<void> {
  await rights.require(actor, "self.admin");
  const { accountId } = actor;
  const isThere = await database.transaction((trx) =>
    setDismissed(trx, accountId, uuid, dismissed),
  );
  if (!isThere) throw unknown(uuid);
}

function notificationOf(row: NotificationRow): Notification {
  return {
    uuid: row.uuid,
    kind: row.kind,
    metadata: JSON.parse(row.metadata) as Notification["metadata"], // written by notify-account.ts alone
    dismissed: row.dismissed === 1,
    createdAt: row.created_at,
  };
}

function unknown(uuid: string): RegistryError {
  return new RegistryError("NOT_FOUND", `there is no notification ${uuid.slice(0, 36)}`);
}
