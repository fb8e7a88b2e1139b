import type { Kysely, Transaction } from "kysely";
import type { Tables } from "../database/tables.ts";

type Writer = Transaction<Tables>;

export async function insertTeam(
  trx: Writer,
  values: {
    readonly organizationId: number;
    readonly name: string;
    readonly role: "member" | "creator" | "admin";
    readonly description: string;
  },
): Promise<number> {
  const { id } = await trx
    .insertInto("teams")
    .values({
      organization_id: values.organizationId,
      name: values.name,
      role: values.role,
      description: values.description,
    })
    .returning("id")
    .executeTakeFirstOrThrow();
  return id;
}

export async function insertTeamMember(
  trx: Writer,
  teamId: number,
  accountId: number,
): Promise<void> {
  await trx
    .insertInto("team_members")
    .values({ team_id: teamId, account_id: accountId })
    .onConflict((conflict) => conflict.doNothing())
    .execute();
}

/** Is an account a member of a team? */
export async function isTeamMember(
  db: Kysely<Tables>,
  teamId: number,
  accountId: number,
): Promise<boolean> {
  const row = await db
    .selectFrom("team_members")
    .select("team_id")
    .where("team_id", "=", teamId)
    .where("account_id", "=", accountId)
    .executeTakeFirst();
  return row !== undefined;
}

/** Index: teams_by_name. */
export async function findTeamByName(
  db: Kysely<Tables>,
  organizationId: number,
  name: string,
): Promise<
  | { readonly id: number; readonly name: string; readonly role: "member" | "creator" | "admin" }
  | undefined
> {
  return db
    .selectFrom("teams")
    .select(["id", "name", "role"])
    .where("organization_id", "=", organizationId)
    .where("name", "=", name)
    .executeTakeFirst();
}
