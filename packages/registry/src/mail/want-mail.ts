import type { Transaction } from "kysely";
import type { Tables } from "../database/tables.ts";
import { recordEvent } from "../events/record-event.ts";
import type { MailWish } from "./wishes.ts";

/**
 * Has a mail sent, once the transaction has committed. Where no mail is configured nothing comes of it.
 *
 * @example
 * await wantMail(trx, { kind: "team-invitation", invitationId });
 */
export async function wantMail(trx: Transaction<Tables>, wish: MailWish): Promise<void> {
  await recordEvent(trx, "mail.wanted", wish);
}
