import { randomBytes } from "node:crypto";
import type { LdapConfig } from "../../../config/config.ts";
import { RegistryError } from "../../../http/registry-error.ts";
import type { Logger } from "../../../log.ts";
import { WorkQueue } from "../../work-queue.ts";
import type { DirectoryConnection } from "./directory-connection.ts";
import type { DirectoryUser } from "./directory-entry.ts";

/** Sign-ins that ask the directory at once, and those that wait for their turn. */
const AT_ONCE = 8;
const WAITING = 64;

/** A user, by what people type or by what the directory calls them for good. */
export type WantedUser = { readonly name: string } | { readonly subject: string };

/**
 * The LDAP directory (RFC 4511). Each sign-in and each synchronisation has a connection of its own: results are
 * remembered by who asks, so there are few, and none is left idle or half broken.
 */
export class Directory {
  readonly config: LdapConfig;
  readonly #log: Pick<Logger, "warn"> | undefined;
  readonly #queue = new WorkQueue(AT_ONCE, WAITING);

  constructor(config: LdapConfig, log: Pick<Logger, "warn"> | undefined) {
    this.config = config;
    this.#log = log;
  }

  /**
   * Checks a password by a bind with it. An empty one would be an anonymous bind, which succeeds for everybody
   * (RFC 4513, 5.1.2), so it is never sent.
   *
   * @param wanted undefined takes as long as one whom the directory does not have
   * @returns undefined when the password is wrong, or of nobody
   * @throws {RegistryError} `UNAVAILABLE` when the directory cannot be asked
   */
  async authenticate(
    wanted: WantedUser | undefined,
    password: string,
  ): Promise<DirectoryUser | undefined> {
    if (password === "") return undefined;
    return this.#queue.run(() =>
      this.session(async (connection) => {
        const found = await connection.findUser(wanted ?? { name: nobody() });
        const user = wanted === undefined ? undefined : found;
        const isRight = await connection.isPassword(user?.dn ?? this.#decoy(), password);
        return isRight ? user : undefined;
      }, AbortSignal.timeout(this.config.timeout)),
    );
  }

  /**
   * Works on a connection that is bound as the configuration says, and closes it.
   *
   * @throws {RegistryError} `UNAVAILABLE` when the directory cannot be asked; whatever else `work` throws
   */
  async session<T>(
    work: (connection: DirectoryConnection) => Promise<T>,
    signal: AbortSignal,
  ): Promise<T> {
    // Only registries with a directory pay for the library.
    const { openDirectoryConnection, isDirectoryFailure } =
      await import("./directory-connection.ts");
    try {
      await using connection = await openDirectoryConnection(this.config, signal);
      const running = work(connection);
      try {
        return await connection.until(signal, running);
      } finally {
        await Promise.allSettled([running]); // what it writes elsewhere is not left behind
      }
    } catch (error) {
      if (!isDirectoryFailure(error)) throw error;
      this.#log?.warn("the directory cannot be asked", { url: this.config.url, error });
      throw new RegistryError(
        "UNAVAILABLE",
        "the directory that knows passwords cannot be asked; try again in a moment",
        { headers: { "Retry-After": "10" }, cause: error },
      );
    }
  }

  /** An entry that is not there: a bind with it fails as one with a wrong password does. */
  #decoy(): string {
    return `cn=${nobody()},${this.config.baseDn}`;
  }
}

function nobody(): string {
  return `nobody-${randomBytes(12).toString("hex")}`;
}
