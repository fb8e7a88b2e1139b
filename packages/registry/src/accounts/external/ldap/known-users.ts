import type { Database } from "../../../database/database.ts";
import { LDAP } from "../external-identity.ts";
import { listUsersOfService } from "../external-login-store.ts";
import type { ServiceUserRow } from "../external-login-store.ts";
import type { DirectoryConnection } from "./directory-connection.ts";
import type { DirectoryUser } from "./directory-entry.ts";
import { normalDn } from "./normal-dn.ts";

/** Users in one search. */
const AT_ONCE = 100;

/** A user of the registry who has signed in by the directory, as it has them now. */
interface Found {
  readonly login: ServiceUserRow;
  readonly user: DirectoryUser;
}

/** The directory's users who have accounts here. */
export class KnownUsers {
  readonly found: Found[] = [];
  /** Whom the directory does not have, or does not let in any more. */
  readonly missing: ServiceUserRow[] = [];
  readonly #byDn = new Map<string, number>();
  readonly #byName = new Map<string, number>();
  readonly #bySubject = new Map<string, number>();

  /** Looks for all of them, some at a time. */
  static async read(
    { read }: Database,
    connection: DirectoryConnection,
    signal: AbortSignal,
  ): Promise<KnownUsers> {
    const users = new KnownUsers();
    let after = "";
    for (;;) {
      signal.throwIfAborted();
      const logins = await listUsersOfService(read, LDAP, { after, limit: AT_ONCE });
      if (logins.length === 0) return users;
      after = logins.at(-1)?.subject ?? after;
      const entries = await connection.findUsers(logins.map(({ subject }) => subject));
      const bySubject = new Map(entries.map((user) => [user.subject.toLowerCase(), user]));
      for (const login of logins) {
        const user = bySubject.get(login.subject.toLowerCase());
        if (user === undefined) users.missing.push(login);
        else users.add(login, user);
      }
    }
  }

  add(login: ServiceUserRow, user: DirectoryUser): void {
    this.found.push({ login, user });
    this.note(user, login.account_id);
  }

  /** The account of a user who was not known before. */
  note(user: DirectoryUser, accountId: number): void {
    this.#byDn.set(normalDn(user.dn), accountId);
    this.#byName.set(user.name.toLowerCase(), accountId);
    this.#bySubject.set(user.subject.toLowerCase(), accountId);
  }

  accountAt(dn: string): number | undefined {
    return this.#byDn.get(normalDn(dn));
  }

  accountCalled(name: string): number | undefined {
    return this.#byName.get(name.toLowerCase());
  }

  accountOf({ subject }: DirectoryUser): number | undefined {
    return this.#bySubject.get(subject.toLowerCase());
  }
}
