import { randomUUID } from "node:crypto";
import type { Actor } from "../accounts/admin/actor.ts";
import type { Administration } from "../accounts/admin/administration.ts";
import { recordAudit } from "../audit/record-audit.ts";
import { RegistryError } from "../http/registry-error.ts";
import { deleteMessage, insertMessage, listMessages } from "./message-store.ts";
import type { MessageRow } from "./message-store.ts";

/** So many are shown at most; nobody reads more. */
const MOST = 50;

/** To all users, also those who are not signed in. */
export type Message = Readonly<MessageRow>;

/** The latest first. */
export async function currentMessages({ database }: Administration): Promise<readonly Message[]> {
  return listMessages(database.read, MOST);
}

/** @throws {RegistryError} `DENIED`; `CONFLICT` when there are too many */
export async function publishMessage(
  { database, rights, now }: Administration,
  actor: Actor,
  message: Pick<Message, "content" | "media_type" | "severity">,
): Promise<Message> {
  await rights.require(actor, "superuser");
  const { content, media_type, severity } = message;
  const row = { uuid: randomUUID(), content, media_type, severity, created_at: now() };
  await database.transaction(async (trx) => {
    if ((await listMessages(trx, MOST)).length >= MOST) {
      throw new RegistryError("CONFLICT", `there are ${MOST} messages; withdraw one first`);
    }
    await insertMessage(trx, row);
    const metadata = { uuid: row.uuid, severity };
    await recordAudit(trx, actor, { kind: "create_message", metadata }, now());
  });
  return row;
}

/** @throws {RegistryError} `DENIED`, `NOT_FOUND` */
export async function withdrawMessage(
  { database, rights, now }: Administration,
  actor: Actor,
  uuid: string,
): Promise<void> {
  await rights.require(actor, "superuser");
  await database.transaction(async (trx) => {
    if (!(await deleteMessage(trx, uuid))) {
      throw new RegistryError("NOT_FOUND", `there is no message ${uuid.slice(0, 36)}`);
    }
    await recordAudit(trx, actor, { kind: "delete_message", metadata: { uuid } }, now());
  });
}
