import type { Transaction } from "kysely";
import { recordAudit } from "../../audit/record-audit.ts";
import type { Tables } from "../../database/tables.ts";
import { RegistryError } from "../../http/registry-error.ts";
import { lockAccount, updateAccount } from "../account-store.ts";
import type { AccountRow } from "../account-store.ts";
import { conflict } from "../admin/administration.ts";
import type { Administration } from "../admin/administration.ts";
import { OWNERS } from "../admin/organizations.ts";
import type { AccountPrincipal } from "../principal.ts";
import { findTeamByName, insertTeam, insertTeamMember, listTeams } from "../team-store.ts";
import { findOrphanToBe, turnIntoOrganization } from "../users/user-store.ts";

/** A team for those who take an organization over whose admins all come from elsewhere. */
const LAST_RESORT = "takeover";

/**
 * A superuser becomes admin of an organization by one of its teams. A user becomes an organization first, as in Quay:
 * what is only a person's goes, repositories and robots stay.
 *
 * @throws {RegistryError} `DENIED`; `NOT_FOUND`; `CONFLICT` for superusers, and the last admin of an organization
 */
export async function takeOwnership(
  { database, rights, now }: Administration,
  actor: AccountPrincipal,
  name: string,
): Promise<void> {
  await rights.require(actor, "superuser");
  await database.transaction(async (trx) => {
    // No name has other characters, and PostgreSQL takes no NUL.
    const namespace = /^[a-z0-9._-]{1,255}$/.test(name)
      ? await lockAccount(trx, name, database.dialect)
      : undefined;
    if (namespace === undefined) throw unknownNamespace(name);
    const wasUser = namespace.kind === "user";
    if (wasUser) await convert(trx, namespace, database.dialect);
    await insertTeamMember(trx, await adminTeam(trx, namespace.id), actor.accountId);
    const metadata = {
      entity_id: namespace.id,
      namespace: name,
      was_user: wasUser,
      superuser: actor.name,
    };
    await recordAudit(trx, actor, { kind: "take_ownership", namespace, metadata }, now());
  });
}

async function convert(
  trx: Transaction<Tables>,
  user: AccountRow,
  dialect: "sqlite" | "postgres",
): Promise<void> {
  if (user.superuser === 1) {
    throw new RegistryError("CONFLICT", "Cannot take ownership of a superuser", {
      status: 400,
      detail: { field: "namespace", name: user.name },
    });
  }
  const orphan = await findOrphanToBe(trx, user.id, dialect);
  if (orphan !== undefined) {
    throw conflict(
      `${user.name} is the last admin of the organization ${orphan.name}; take that over first`,
      { organization: orphan.name },
    );
  }
  await turnIntoOrganization(trx, user.id);
  await updateAccount(trx, user.id, { enabled: 1 });
}

/** The oldest with the role admin whose members are chosen here. */
async function adminTeam(trx: Transaction<Tables>, organizationId: number): Promise<number> {
  const teams = await listTeams(trx, organizationId);
  const found = teams.find(({ role, service }) => role === "admin" && service === null);
  if (found !== undefined) return found.id;
  const isTaken = (await findTeamByName(trx, organizationId, OWNERS)) !== undefined;
  return insertTeam(trx, {
    organizationId,
    name: isTaken ? LAST_RESORT : OWNERS,
    role: "admin",
    description: "",
  });
}

function unknownNamespace(name: string): RegistryError {
  const shown = name.slice(0, 255);
  return new RegistryError("NOT_FOUND", `there is no user or organization ${shown}`, {
    detail: { field: "namespace", value: shown },
  });
}
