import { checkNamespaceName } from "../account-name.ts";
import {
  hasRepositories,
  insertAccount,
  listAccounts,
  lockAccount,
  removeAccount,
} from "../account-store.ts";
import { insertTeam, insertTeamMember } from "../team-store.ts";
import type { ListedAccount } from "../account-store.ts";
import { requireSuperuser } from "./actor.ts";
import type { Actor } from "./actor.ts";
import { conflict, nameTaken, needAccount, unknownAccount } from "./administration.ts";
import type { Administration, NamePage } from "./administration.ts";

/** The team every organization begins with; its members may do everything in it. */
const OWNERS = "owners";

export interface NewOrganization {
  readonly name: string;
  /** First member of the team `owners`; a user. */
  readonly owner: string;
  readonly description?: string;
}

/** @throws {RegistryError} `DENIED`; `PARAMETER_INVALID`, 409 when the name is taken, 404 when there is no such owner */
export async function createOrganization(
  administration: Administration,
  actor: Actor,
  organization: NewOrganization,
): Promise<{ readonly id: number }> {
  requireSuperuser(actor);
  checkNamespaceName(organization.name);
  const owner = await needAccount(administration, organization.owner, ["user"]);
  const { database, now } = administration;
  const id = await database.transaction(async (trx) => {
    const made = await insertAccount(trx, {
      kind: "organization",
      name: organization.name,
      description: organization.description,
      createdAt: now(),
    });
    if (made === undefined) throw nameTaken(organization.name);
    const team = await insertTeam(trx, {
      organizationId: made,
      name: OWNERS,
      role: "admin",
      description: "",
    });
    await insertTeamMember(trx, team, owner.id);
    return made;
  });
  return { id };
}

/** Deletes an organization with its robots and teams. Refused while there are repositories. */
export async function deleteOrganization(
  { database }: Administration,
  actor: Actor,
  name: string,
): Promise<void> {
  requireSuperuser(actor);
  checkNamespaceName(name);
  await database.transaction(async (trx) => {
    const organization = await lockAccount(trx, name, database.dialect);
    if (organization?.kind !== "organization") throw unknownAccount(name, ["organization"]);
    if (await hasRepositories(trx, organization.id)) {
      throw conflict(`${name} still has repositories; delete them first`, { name });
    }
    await removeAccount(trx, organization.id);
  });
}

/** By name. */
export async function listOrganizations(
  { database }: Administration,
  actor: Actor,
  page: NamePage,
): Promise<ListedAccount[]> {
  requireSuperuser(actor);
  const { after = "", limit } = page;
  return listAccounts(database.read, { kind: "organization", after, limit });
}
