import { RegistryError } from "../../http/registry-error.ts";
import type { Administration } from "../admin/administration.ts";
import type { AccountPrincipal } from "../principal.ts";
import { parseProfile } from "./profile.ts";
import type { Profile } from "./profile.ts";
import { findUser, listExternalLogins, listOrganizationRoles } from "./user-store.ts";
import type { UserRow } from "./user-store.ts";

/** Memberships that are looked at: nobody has more teams, and the answer stays bounded. */
const MOST_MEMBERSHIPS = 1000;

/** A user as they see themselves. */
export interface OwnAccount {
  readonly user: UserRow;
  readonly profile: Profile;
  /** How long their deleted tags can be taken back, in milliseconds. */
  readonly tagExpiration: number;
  readonly logins: readonly {
    readonly service: string;
    readonly subject: string;
    readonly name: string | null;
    readonly email: string | null;
  }[];
  /** By name. */
  readonly organizations: readonly {
    readonly name: string;
    readonly mayCreate: boolean;
    readonly isAdmin: boolean;
  }[];
}

/** @throws {RegistryError} `SCOPE_INSUFFICIENT`; `UNAUTHORIZED` when the account went just now */
export async function ownAccount(
  { database, rights, config }: Administration,
  actor: AccountPrincipal,
): Promise<OwnAccount> {
  await rights.require(actor, "self.read");
  const { read } = database;
  const [user, logins, roles] = await Promise.all([
    findUser(read, actor.accountId),
    listExternalLogins(read, actor.accountId),
    listOrganizationRoles(read, actor.accountId, MOST_MEMBERSHIPS),
  ]);
  if (user === undefined) throw new RegistryError("UNAUTHORIZED", "the account is gone");
  const byName = Map.groupBy(roles, ({ name }) => name);
  return {
    user,
    profile: parseProfile(user.profile),
    tagExpiration: user.tag_expiration ?? config.collection.tagExpiration,
    logins,
    organizations: Array.from(byName, ([name, memberships]) => ({
      name,
      mayCreate: memberships.some(({ role }) => role !== "member"),
      isAdmin: memberships.some(({ role }) => role === "admin"),
    })),
  };
}
