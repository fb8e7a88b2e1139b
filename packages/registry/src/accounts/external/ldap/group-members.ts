import type { LdapConfig } from "../../../config/config.ts";
import type { Administration } from "../../admin/administration.ts";
import { userOfIdentity } from "../user-of-identity.ts";
import type { DirectoryConnection } from "./directory-connection.ts";
import { identityOf, valuesOf } from "./directory-entry.ts";
import type { DirectoryUser } from "./directory-entry.ts";
import type { KnownUsers } from "./known-users.ts";

/** The group is not there, or not told as a whole. */
export class GroupUnreadable extends Error {
  override readonly name = "GroupUnreadable";
}

/**
 * The accounts of the members of a group. Members without one are left out, or get one where `ldap.createMembers` says
 * so; groups in the group are not looked into.
 *
 * @param users whose accounts are known; those that are made are added
 * @throws {GroupUnreadable} never with a part of the members
 */
export async function groupMembers(
  administration: Administration,
  connection: DirectoryConnection,
  users: KnownUsers,
  group: string,
  config: LdapConfig,
): Promise<Set<number>> {
  const { memberAttribute, memberOfAttribute, createMembers } = config;
  const ids = new Set<number>();
  const take = async (user: DirectoryUser | undefined): Promise<void> => {
    if (user === undefined) return;
    const id = users.accountOf(user) ?? (createMembers ? await create(user) : undefined);
    if (id !== undefined) ids.add(id);
  };
  const create = async (user: DirectoryUser): Promise<number | undefined> => {
    const account = await userOfIdentity(administration, identityOf(user), { createUsers: true });
    if (account !== undefined) users.note(user, account.id);
    return account?.id;
  };

  const entry = await connection.groupAt(group, [memberAttribute]);
  if (entry === undefined) throw new GroupUnreadable(`the directory has no group ${group}`);
  if (memberOfAttribute !== undefined) {
    for (const user of await connection.usersWith(memberOfAttribute, group)) await take(user);
    return ids;
  }
  // Active Directory tells members by parts when there are many: `member;range=0-1499`.
  if (Object.keys(entry).some((name) => /;range=/i.test(name))) {
    throw new GroupUnreadable(
      `the directory tells the members of ${group} by parts alone; set ldap.memberOfAttribute`,
    );
  }
  for (const member of valuesOf(entry, memberAttribute)) {
    const isDn = member.includes("=");
    const id = isDn ? users.accountAt(member) : users.accountCalled(member);
    if (id !== undefined) ids.add(id);
    else if (createMembers) {
      await take(await (isDn ? connection.userAt(member) : connection.findUser({ name: member })));
    }
  }
  return ids;
}
