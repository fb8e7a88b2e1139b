import { recordAudit } from "../../audit/record-audit.ts";
import type { RegistryContext } from "../../context.ts";
import type { Exchange } from "../../http/exchange.ts";
import { RegistryError } from "../../http/registry-error.ts";
import { lockAccountById } from "../account-store.ts";
import { conflict } from "../admin/administration.ts";
import { keepSuperuser } from "../admin/users.ts";
import { WRONG_CREDENTIALS } from "../authenticator.ts";
import { isStillGood } from "../login.ts";
import type { Login } from "../login.ts";
import type { AccountPrincipal } from "../principal.ts";
import { insertTeam, insertTeamMember } from "../team-store.ts";
import { lastAdmin } from "./delete-own-account.ts";
import { findOrphanToBe, turnIntoOrganization } from "./user-store.ts";

/**
 * Makes a user an organization of the same name: repositories and robots stay, and another user is its first owner.
 *
 * @returns the login of that user
 * @throws {RegistryError} `CREDENTIALS_INVALID`, 400, when that user's password is wrong; `CONFLICT` for the last
 *   superuser and the last admin of an organization
 */
export async function convertUser(
  { accounts, database, now }: RegistryContext,
  actor: AccountPrincipal,
  admin: { readonly name: string; readonly password: string },
  exchange: Exchange,
): Promise<Login> {
  await accounts.rights.require(actor, "self.admin");
  const login = await accounts.checkPassword(admin.name, admin.password, exchange.address);
  if (login?.principal.kind !== "account") throw invalid("adminPassword", WRONG_CREDENTIALS);
  const adminId = login.principal.accountId;
  if (adminId === actor.accountId) throw invalid("adminUser", "that must be another user");
  await database.transaction(async (trx) => {
    // In the order of their ids, as two who convert themselves for each other must.
    const [first, second] = [actor.accountId, adminId].toSorted((one, other) => one - other);
    for (const id of [first, second]) {
      if (id !== undefined) await lockAccountById(trx, id, database.dialect);
    }
    const user = await lockAccountById(trx, actor.accountId, database.dialect);
    const owner = await lockAccountById(trx, adminId, database.dialect);
    if (user?.kind !== "user") throw conflict(`${actor.name} is no user any more`, {});
    if (owner === undefined || !isStillGood(login, owner)) {
      throw invalid("adminPassword", WRONG_CREDENTIALS);
    }
    await keepSuperuser(trx, user, database.dialect);
    const orphan = await findOrphanToBe(trx, user.id, database.dialect);
    if (orphan !== undefined) throw lastAdmin(orphan.name);
    await turnIntoOrganization(trx, user.id);
    const owners = { organizationId: user.id, name: "owners", role: "admin" } as const;
    const team = await insertTeam(trx, { ...owners, description: "" });
    await insertTeamMember(trx, team, owner.id);
    const metadata = { admin: owner.name };
    await recordAudit(trx, actor, { kind: "account_convert", namespace: user, metadata }, now());
  });
  return login;
}

function invalid(field: string, message: string): RegistryError {
  return new RegistryError("CREDENTIALS_INVALID", message, { status: 400, detail: { field } });
}
