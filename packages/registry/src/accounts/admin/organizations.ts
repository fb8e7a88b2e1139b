import { recordAudit } from "../../audit/record-audit.ts";
import { giveUpRepository } from "../../repositories/deleted/deleted-repository-store.ts";
import { takeApart } from "../../repositories/deleted/take-apart.ts";
import { checkNamespaceName } from "../account-name.ts";
import {
  hasRepositories,
  insertAccount,
  listAccounts,
  lockAccount,
  removeAccount,
} from "../account-store.ts";
import type { ListedAccount } from "../account-store.ts";
import { needOrganization, unknownOrganization } from "../organizations/need-organization.ts";
import {
  findDeletedRepositories,
  hasLiveRepository,
  updateOrganization,
} from "../organizations/organization-store.ts";
import { insertTeam, insertTeamMember } from "../team-store.ts";
import { requireSelf, requireSuperuser } from "./actor.ts";
import type { Actor } from "./actor.ts";
import { conflict, nameTaken, needAccount } from "./administration.ts";
import type { Administration, NamePage } from "./administration.ts";
import { checkEmail } from "../users/email-rule.ts";

/** The team every organization begins with; its members may do everything in it. */
export const OWNERS = "owners";

export interface NewOrganization {
  readonly name: string;
  /** First member of the team `owners`; a user. Undefined: who creates it. Only superusers can name others. */
  readonly owner?: string | undefined;
  readonly email?: string | undefined;
  readonly description?: string | undefined;
}

/**
 * Creates an organization; anybody may, unless `accounts.organizationCreation` leaves it to superusers.
 *
 * @throws {RegistryError} `DENIED`; `PARAMETER_INVALID`, `CONFLICT` (400) when the name is taken, 404 when there is no
 *   such owner
 */
export async function createOrganization(
  administration: Administration,
  actor: Actor,
  organization: NewOrganization,
): Promise<{ readonly id: number }> {
  const { database, rights, config, now } = administration;
  await rights.require(actor, "organization.create");
  if (config.accounts.organizationCreation === "superusers") requireSuperuser(actor);
  const { name, description, email = "" } = organization;
  const ownerName = organization.owner ?? (actor.kind === "account" ? actor.name : "");
  requireSelf(actor, ownerName);
  checkNamespaceName(name);
  if (email !== "") checkEmail(email);
  const owner = await needAccount(administration, ownerName, ["user"]);
  const id = await database.transaction(async (trx) => {
    const createdAt = now();
    const made = await insertAccount(trx, { kind: "organization", name, description, createdAt });
    if (made === undefined) throw nameTaken(name);
    if (email !== "") await updateOrganization(trx, made, { email });
    const team = await insertTeam(trx, {
      organizationId: made,
      name: OWNERS,
      role: "admin",
      description: "",
    });
    await insertTeamMember(trx, team, owner.id);
    const metadata = { email, namespace: name, owner: owner.name };
    const deed = { kind: "org_create", namespace: { id: made, name }, metadata } as const;
    await recordAudit(trx, actor, deed, now());
    return made;
  });
  return { id };
}

/**
 * Deletes an organization with its robots, teams and applications. Refused while there are repositories; deleted ones
 * that could still be restored go with it.
 *
 * @throws {RegistryError} `DENIED`; `NOT_FOUND`; `CONFLICT` while it has repositories
 */
export async function deleteOrganization(
  administration: Administration,
  actor: Actor,
  name: string,
): Promise<void> {
  const { database, rights, now } = administration;
  const organization = await needOrganization(administration, name);
  await rights.require(actor, "organization.admin", { organization });
  if (await hasLiveRepository(database.read, organization.id)) throw notEmpty(name);
  for (const { id } of await findDeletedRepositories(database.read, organization.id)) {
    const isOurs = await database.transaction((trx) => giveUpRepository(trx, id, now() + 1));
    if (isOurs) await takeApart((work) => database.transaction(work), id);
  }
  await database.transaction(async (trx) => {
    const locked = await lockAccount(trx, name, database.dialect);
    if (locked?.kind !== "organization") throw unknownOrganization(name);
    if (await hasRepositories(trx, locked.id)) throw notEmpty(name);
    await removeAccount(trx, locked.id);
    const deed = { kind: "org_delete", namespace: locked, metadata: { namespace: name } } as const;
    await recordAudit(trx, actor, deed, now());
  });
}

/** By name. */
export async function listOrganizations(
  { database, rights }: Administration,
  actor: Actor,
  page: NamePage,
): Promise<ListedAccount[]> {
  await rights.require(actor, "superuser");
  const { after = "", limit } = page;
  return listAccounts(database.read, { kind: "organization", after, limit });
}

function notEmpty(name: string): Error {
  return conflict(`${name} still has repositories; delete them first`, { name });
}
