import type { Transaction } from "kysely";
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
