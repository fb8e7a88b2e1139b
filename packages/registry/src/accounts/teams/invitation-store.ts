import type { Kysely, Transaction } from "kysely";
import type { Tables } from "../../database/tables.ts";

/** Reads work in and out of transactions. */
type Reader = Kysely<Tables>;
type Writer = Transaction<Tables>;

/** An invitation with the team it is to. */
export interface InvitationRow {
  readonly id: number;
  readonly team_id: number;
  readonly team: string;
  readonly organization_id: number;
  readonly organization: string;
  /** The user who is invited; null for whoever reads mail at `email`. */
  readonly account_id: number | null;
  readonly email: string | null;
  readonly invited_by: string | null;
  readonly expires_at: number;
}

/** Index: the unique code_hash. */
export async function findInvitationByHash(
  db: Reader,
  codeHash: string,
): Promise<InvitationRow | undefined> {
  return invitations(db).where("i.code_hash", "=", codeHash).executeTakeFirst();
}

/** What a user is invited to in one organization. Index: team_invitations_by_account_id. */
export async function findInvitationsOf(
  db: Reader,
  organizationId: number,
  accountId: number,
): Promise<InvitationRow[]> {
  return invitations(db)
    .where("i.account_id", "=", accountId)
    .where("t.organization_id", "=", organizationId)
    .execute();
}

function invitations(db: Reader) {
  return db
    .selectFrom("team_invitations as i")
    .innerJoin("teams as t", "t.id", "i.team_id")
    .innerJoin("accounts as o", "o.id", "t.organization_id")
    .select([
      "i.id",
      "i.team_id",
      "t.name as team",
      "t.organization_id",
      "o.name as organization",
      "i.account_id",
      "i.email",
      "i.invited_by",
      "i.expires_at",
    ]);
}

/** Who is invited to a team and has not answered, the oldest first. Index: team_invitations_by_team_id_and_account_id. */
export async function listInvitations(
  db: Reader,
  teamId: number,
  now: number,
): Promise<{ account: string | null; email: string | null }[]> {
  return db
    .selectFrom("team_invitations as i")
    .leftJoin("accounts as a", "a.id", "i.account_id")
    .select(["a.name as account", "i.email"])
    .where("i.team_id", "=", teamId)
    .where("i.expires_at", ">", now)
    .orderBy("i.id")
    .execute();
}

/** Index: team_invitations_by_team_id_and_account_id. */
export async function countInvitations(db: Reader, teamId: number): Promise<number> {
  const { count } = await db
    .selectFrom("team_invitations")
    .select((eb) => eb.fn.countAll<number>().as("count"))
    .where("team_id", "=", teamId)
    .executeTakeFirstOrThrow();
  return count;
}

/** @returns its id */
export async function insertInvitation(
  trx: Writer,
  values: {
    readonly teamId: number;
    readonly accountId: number | null;
    readonly email: string | null;
    readonly codeHash: string;
    readonly invitedBy: string | null;
    readonly createdAt: number;
    readonly expiresAt: number;
  },
): Promise<number> {
  const { id } = await trx
    .insertInto("team_invitations")
    .values({
      team_id: values.teamId,
      account_id: values.accountId,
      email: values.email,
      code_hash: values.codeHash,
      invited_by: values.invitedBy,
      created_at: values.createdAt,
      expires_at: values.expiresAt,
    })
    .returning("id")
    .executeTakeFirstOrThrow();
  return id;
}

export async function removeInvitation(trx: Writer, id: number): Promise<void> {
  await trx.deleteFrom("team_invitations").where("id", "=", id).execute();
}

/** Indexes: team_invitations_by_team_id_and_account_id, team_invitations_by_team_id_and_email. */
export async function findInvitationTo(
  db: Reader,
  teamId: number,
  invited: { readonly account_id: number } | { readonly email: string },
): Promise<{ id: number; account_id: number | null } | undefined> {
  return db
    .selectFrom("team_invitations")
    .select(["id", "account_id"])
    .where("team_id", "=", teamId)
    .where((eb) => eb.and(invited))
    .executeTakeFirst();
}

/** Of one team: nobody asks for them. Index: team_invitations_by_team_id_and_account_id. */
export async function removeExpiredInvitations(
  trx: Writer,
  teamId: number,
  now: number,
): Promise<void> {
  await trx
    .deleteFrom("team_invitations")
    .where("team_id", "=", teamId)
    .where("expires_at", "<=", now)
    .execute();
}

/** A user who leaves an organization is no longer invited to it. Index: team_invitations_by_account_id. */
export async function removeInvitationsOf(
  trx: Writer,
  organizationId: number,
  accountId: number,
): Promise<boolean> {
  const { numDeletedRows } = await trx
    .deleteFrom("team_invitations")
    .where("account_id", "=", accountId)
    .where("team_id", "in", (eb) =>
      eb.selectFrom("teams").select("id").where("organization_id", "=", organizationId),
    )
    .executeTakeFirst();
  return numDeletedRows > 0n;
}
