import type { Kysely, Transaction } from "kysely";
import type { Tables } from "../database/tables.ts";

/** An invitation to a team, as a mail tells of it. */
export interface Invitation {
  readonly organization: string;
  readonly team: string;
  readonly invited_by: string | null;
  /** Whoever reads mail at this address is invited. */
  readonly email: string | null;
  /** Address of the user who is invited by name. */
  readonly account_email: string | null;
}

/** @returns undefined when it was answered, withdrawn, or has expired */
export async function findInvitation(
  db: Kysely<Tables>,
  id: number,
  now: number,
): Promise<Invitation | undefined> {
  return db
    .selectFrom("team_invitations as i")
    .innerJoin("teams as t", "t.id", "i.team_id")
    .innerJoin("accounts as o", "o.id", "t.organization_id")
    .leftJoin("accounts as a", "a.id", "i.account_id")
    .select([
      "o.name as organization",
      "t.name as team",
      "i.invited_by",
      "i.email",
      "a.email as account_email",
    ])
    .where("i.id", "=", id)
    .where("i.expires_at", ">", now)
    .executeTakeFirst();
}

/** From now on the invitation has this code alone. */
export async function renewInvitation(
  trx: Transaction<Tables>,
  id: number,
  codeHash: string,
): Promise<void> {
  await trx
    .updateTable("team_invitations")
    .set({ code_hash: codeHash })
    .where("id", "=", id)
    .execute();
}
