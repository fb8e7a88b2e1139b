// Long because it is one thing: everything that is said to a directory, and how.
import { readFile } from "node:fs/promises";
import { isIP } from "node:net";
import type { ConnectionOptions } from "node:tls";
import { AndFilter, Client, EqualityFilter, FilterParser, OrFilter, ResultCodeError } from "ldapts";
import type { Entry, Filter, SearchOptions } from "ldapts";
import type { LdapConfig } from "../../../config/config.ts";
import type { WantedUser } from "./directory.ts";
import {
  binaryAttributes,
  directoryUser,
  subjectValue,
  userAttributes,
} from "./directory-entry.ts";
import type { DirectoryUser } from "./directory-entry.ts";

/** Entries in one answer of a long search (RFC 2696). */
const PAGE = 500;

/** RFC 4511, 4.1.9. */
const NO_SUCH_OBJECT = 32;
const INVALID_DN = 34;
/**
 * Results of a bind that speak of the one who binds: constraint violation (locked), no such object, inappropriate
 * authentication (no password), invalid credentials, unwilling to perform (disabled). Others are of the directory.
 */
const REFUSALS = new Set([19, NO_SUCH_OBJECT, 48, 49, 53]);

/** The directory has not answered, or not as it should. */
export class DirectoryFailure extends Error {
  override readonly name = "DirectoryFailure";
}

/** Is this a fault of the directory, or of the way to it? */
export function isDirectoryFailure(error: unknown): error is Error {
  return error instanceof DirectoryFailure || error instanceof ResultCodeError;
}

/** Connects, encrypts where that is configured, and binds. @throws {DirectoryFailure} */
export async function openDirectoryConnection(
  config: LdapConfig,
  signal: AbortSignal,
): Promise<DirectoryConnection> {
  const tls = await tlsOptions(config);
  const isTls = config.url.startsWith("ldaps:");
  const client = new Client({
    url: config.url,
    timeout: config.timeout,
    connectTimeout: config.timeout,
    ...(isTls ? { tlsOptions: tls } : {}),
  });
  const connection = new DirectoryConnection(client, config);
  try {
    await connection.until(signal, connection.open(config.startTls ? tls : undefined));
    return connection;
  } catch (error) {
    await connection[Symbol.asyncDispose]();
    throw error;
  }
}

/** One connection; searches are made as the configuration says, until a user's password is tried. */
export class DirectoryConnection implements AsyncDisposable {
  readonly #client: Client;
  readonly #config: LdapConfig;
  readonly #userFilter: Filter;

  constructor(client: Client, config: LdapConfig) {
    this.#client = client;
    this.#config = config;
    this.#userFilter = parsed(config.userFilter);
  }

  /** @param tls encrypts a plain connection before anything else is said (RFC 4511, 4.14) */
  async open(tls: ConnectionOptions | undefined): Promise<void> {
    const { bind } = this.#config;
    await asked(async () => {
      if (tls !== undefined) await this.#client.startTLS({ ...tls });
      await this.#client.bind(bind?.dn ?? "", bind?.password ?? "");
    });
  }

  /** The result of `work`, unless the signal comes first: then the connection is cut. */
  async until<T>(signal: AbortSignal, work: Promise<T>): Promise<T> {
    const { promise, reject } = Promise.withResolvers<never>();
    const cut = (): void => {
      reject(reasonOf(signal));
      this.#client.unbind().catch(() => undefined); // the reason is told already
    };
    if (signal.aborted) cut();
    else signal.addEventListener("abort", cut, { once: true });
    try {
      return await Promise.race([work, promise]);
    } finally {
      signal.removeEventListener("abort", cut);
      work.catch(() => undefined); // what fails after the cut, fails for it
    }
  }

  /** @returns undefined when there is none, or several: nobody can tell then who is meant */
  async findUser(wanted: WantedUser): Promise<DirectoryUser | undefined> {
    const { usernameAttribute } = this.#config;
    const filter =
      "name" in wanted
        ? new EqualityFilter({ attribute: usernameAttribute, value: wanted.name })
        : this.#subjectFilter(wanted.subject);
    const users = await this.#searchUsers(this.#config.baseDn, filter, { sizeLimit: 2 });
    return users.length === 1 ? users[0] : undefined;
  }

  /** Those of the subjects whom the directory has. */
  async findUsers(subjects: readonly string[]): Promise<DirectoryUser[]> {
    if (subjects.length === 0) return [];
    const filters = subjects.map((subject) => this.#subjectFilter(subject));
    return this.#searchUsers(this.#config.baseDn, new OrFilter({ filters }));
  }

  /** The user of an entry; undefined when there is none, or it is no user. */
  async userAt(dn: string): Promise<DirectoryUser | undefined> {
    const [user] = await this.#searchUsers(dn, undefined, { scope: "base" });
    return user;
  }

  /** Users who say of themselves that they are in a group. */
  async usersWith(attribute: string, dn: string): Promise<DirectoryUser[]> {
    const filter = new EqualityFilter({ attribute, value: dn });
    return this.#searchUsers(this.#config.baseDn, filter, { paged: { pageSize: PAGE } });
  }

  /** Has the directory any user at all? */
  async hasUsers(): Promise<boolean> {
    const users = await this.#searchUsers(this.#config.baseDn, undefined, { sizeLimit: 2 });
    return users.length > 0;
  }

  /** A group with its attributes; undefined when there is no entry, or it is no group. */
  async groupAt(dn: string, attributes: readonly string[]): Promise<Entry | undefined> {
    const filter = parsed(this.#config.groupFilter);
    const [entry] = await this.#search(dn, filter, { scope: "base", attributes: [...attributes] });
    return entry;
  }

  /** Tries a password. Nothing but another try can be done on the connection afterwards. */
  async isPassword(dn: string, password: string): Promise<boolean> {
    // Either one empty would be an anonymous bind (RFC 4513, 5.1.1 and 5.1.2).
    if (dn === "" || password === "") return false;
    try {
      await asked(() => this.#client.bind(dn, password));
      return true;
    } catch (error) {
      if (error instanceof ResultCodeError && REFUSALS.has(error.code)) return false;
      throw error;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#client.unbind().catch(() => undefined); // it is of no use any more, whatever its state
  }

  #subjectFilter(subject: string): Filter {
    const { subjectAttribute } = this.#config;
    return new EqualityFilter({
      attribute: subjectAttribute,
      value: subjectValue(subject, this.#config),
    });
  }

  async #searchUsers(
    base: string,
    filter: Filter | undefined,
    options: SearchOptions = {},
  ): Promise<DirectoryUser[]> {
    const filters = filter === undefined ? [this.#userFilter] : [this.#userFilter, filter];
    const entries = await this.#search(base, new AndFilter({ filters }), {
      ...options,
      attributes: userAttributes(this.#config),
      explicitBufferAttributes: binaryAttributes(this.#config),
    });
    return entries.flatMap((entry) => directoryUser(entry, this.#config) ?? []);
  }

  /** Values stand in the filter as they are, not as text, so nothing in them can be taken for a filter. */
  async #search(base: string, filter: Filter, options: SearchOptions): Promise<Entry[]> {
    const timeLimit = Math.ceil(this.#config.timeout / 1000);
    try {
      const { searchEntries } = await asked(() =>
        this.#client.search(base, { ...options, filter, timeLimit }),
      );
      return searchEntries;
    } catch (error) {
      const isNone =
        error instanceof ResultCodeError &&
        options.scope === "base" &&
        (error.code === NO_SUCH_OBJECT || error.code === INVALID_DN);
      if (isNone) return [];
      throw error;
    }
  }
}

/** Time that ran out is the directory's fault, anything else is not. */
function reasonOf({ reason }: AbortSignal): unknown {
  const isTime = reason instanceof DOMException && reason.name === "TimeoutError";
  return isTime ? new DirectoryFailure("the directory has not answered in time") : reason;
}

/** Errors of the network and of the library's parser are failures of the directory. */
async function asked<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof ResultCodeError) throw error;
    const reason = error instanceof Error ? error.message : String(error);
    throw new DirectoryFailure(reason, { cause: error });
  }
}

function parsed(filter: string): Filter {
  try {
    return FilterParser.parseString(filter);
  } catch (error) {
    throw new DirectoryFailure(`${filter} is no filter`, { cause: error });
  }
}

/** The certificate must be the host's, whichever way the connection gets its encryption. */
async function tlsOptions({ url, caCertificate }: LdapConfig): Promise<ConnectionOptions> {
  const host = new URL(url).hostname.replaceAll(/[[\]]/g, "");
  const ca = caCertificate === undefined ? {} : { ca: await certificates(caCertificate) };
  return {
    ...ca,
    host,
    // Addresses are no server names (RFC 6066, 3).
    ...(isIP(host) === 0 ? { servername: host } : {}),
    minVersion: "TLSv1.2",
  };
}

async function certificates(path: string): Promise<string> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    throw new DirectoryFailure(`${path} cannot be read`, { cause: error });
  }
}
