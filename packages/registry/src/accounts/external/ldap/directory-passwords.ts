import { findAccountByName } from "../../account-store.ts";
import type { AccountRow } from "../../account-store.ts";
import type { Administration } from "../../admin/administration.ts";
import type { PasswordSource } from "../../password-source.ts";
import { LDAP } from "../external-identity.ts";
import { findExternalLoginsOf } from "../external-login-store.ts";
import { userOfIdentity } from "../user-of-identity.ts";
import type { Directory, WantedUser } from "./directory.ts";
import { identityOf } from "./directory-entry.ts";

/**
 * Passwords that the directory knows. A user of the registry's own, or of another service, keeps their name to
 * themselves: an entry of that name in the directory is somebody else and is not asked for.
 */
export class DirectoryPasswords implements PasswordSource {
  readonly service = LDAP;
  readonly #administration: Administration;
  readonly #directory: Directory;

  constructor(administration: Administration, directory: Directory) {
    this.#administration = administration;
    this.#directory = directory;
  }

  /** Names that are nobody's, or another's, take the same time as a wrong password. */
  async check(name: string, password: string): Promise<number | undefined> {
    const user = await this.#directory.authenticate(await this.#wanted(name), password);
    if (user === undefined) return undefined;
    const { createUsers } = this.#directory.config;
    const account = await userOfIdentity(this.#administration, identityOf(user), { createUsers });
    return account?.id;
  }

  async #wanted(name: string): Promise<WantedUser | undefined> {
    if (!/^[^\0-\x1f\x7f\ud800-\udfff]{1,255}$/u.test(name)) return undefined;
    const account = await this.#accountCalled(name.toLowerCase());
    if (account?.kind !== "user") return { name };
    const logins = await findExternalLoginsOf(this.#administration.database.read, account.id);
    // Whatever the directory calls them today.
    const login = logins.find(({ service }) => service === LDAP);
    return login && { subject: login.subject };
  }

  async #accountCalled(name: string): Promise<AccountRow | undefined> {
    return /^[a-z0-9._-]{1,255}$/.test(name)
      ? findAccountByName(this.#administration.database.read, name)
      : undefined;
  }
}
