import type { Actor } from "../../admin/actor.ts";
import type { Administration } from "../../admin/administration.ts";
import { LDAP } from "../external-identity.ts";

/** `can_sync` in the answer with a team's members: what its members can be taken from. */
export interface TeamSyncOffer {
  readonly service: string;
  readonly services: readonly string[];
  readonly base_dn?: string;
}

/**
 * What somebody may let a team of the organization follow; undefined: nothing.
 *
 * @param organization that the team is of
 */
export async function teamSyncOffer(
  { rights, config }: Administration,
  actor: Actor,
  organization: { readonly id: number; readonly name: string },
): Promise<TeamSyncOffer | undefined> {
  const { ldap, oidc, accounts } = config;
  const services = [...(ldap === undefined ? [] : [LDAP]), ...oidc.map(({ id }) => id)];
  const [service] = services;
  if (service === undefined) return undefined;
  const isAdmin = await rights.has(actor, "organization.admin", { organization });
  const may = isAdmin && (accounts.teamSyncByAdmins || (await rights.has(actor, "superuser", {})));
  if (!may) return undefined;
  return { service, services, ...(ldap === undefined ? {} : { base_dn: ldap.baseDn }) };
}
