import type { Config } from "../config/config.ts";
import type { Database } from "../database/database.ts";
import type { Exchange } from "../http/exchange.ts";
import type { RegistryError } from "../http/registry-error.ts";
import type { Logger } from "../log.ts";
import { createRepositoryByPush } from "../repositories/create-repository.ts";
import type { CreateByPushOptions } from "../repositories/create-repository.ts";
import { repositoryFinder } from "../repositories/find-repository.ts";
import type { FindRepository } from "../repositories/find-repository.ts";
import { listRepositories } from "../repositories/list-repositories.ts";
import { parseRepositoryName, toRepositoryName } from "../repositories/repository-name.ts";
import type { Repository } from "../repositories/repository.ts";
import { AccessTokens } from "./access-tokens.ts";
import type { Administration, AdministrationConfig } from "./admin/administration.ts";
import { Authenticator } from "./authenticator.ts";
import type { Caller } from "./caller.ts";
import { Challenges } from "./challenge.ts";
import type { ChallengeOptions } from "./challenge.ts";
import { ExternalServices } from "./external/external-services.ts";
import { DirectoryPasswords } from "./external/ldap/directory-passwords.ts";
import { FailureThrottle } from "./failure-throttle.ts";
import { LastUses } from "./last-uses.ts";
import { PasswordHashes } from "./password-hashes.ts";
import type { Login } from "./login.ts";
import { PasswordLogins } from "./password-logins.ts";
import type { PasswordSource } from "./password-source.ts";
import { Permissions } from "./permissions.ts";
import type { Wish } from "./permissions.ts";
import type { Principal, RepositoryAction } from "./principal.ts";
import { Rights } from "./rights.ts";
import { Sessions } from "./sessions.ts";
import { RefreshTokens } from "./refresh-tokens.ts";
import { IssuerKeys } from "./robots/issuer-keys.ts";
import { SealedSecrets } from "./sealed-secrets.ts";
import { SecretLogins } from "./secret-logins.ts";
import { SigningKeys } from "./signing-keys.ts";
import { TokenService } from "./token-service.ts";

export interface AccountsOptions {
  readonly database: Database;
  readonly config: AdministrationConfig & {
    readonly registry: Pick<Config["registry"], "createdByPush">;
  };
  /** Undefined: one of its own. */
  readonly findRepository?: FindRepository | undefined;
  readonly log?: Pick<Logger, "warn"> | undefined;
  /** The time, in milliseconds since 1970. */
  readonly now?: () => number;
}

/** Who is there, and what they may do: all that the routes of the registry need of accounts. */
export class Accounts {
  readonly permissions: Permissions;
  readonly rights: Rights;
  readonly sessions: Sessions;
  /** Counts what was shown and was wrong. */
  readonly failures: FailureThrottle;
  /** Of those whose tokens are exchanged for robots'. */
  readonly issuerKeys: IssuerKeys;
  readonly findRepository: FindRepository;
  /** Asked for passwords that are not the registry's own; add to it before requests come. */
  readonly passwordSources: PasswordSource[] = [];
  /** Services that vouch for users. */
  readonly external: ExternalServices;
  /** For the use cases in `admin/`, and those of repositories. */
  readonly administration: Administration;
  readonly #createByPush: CreateByPushOptions;
  readonly #challenges: Challenges;
  readonly #authenticator: Authenticator;
  readonly #lastUses: LastUses;
  readonly #passwords: PasswordLogins;
  readonly #tokens: TokenService;

  constructor(options: AccountsOptions) {
    const { database, config, log, now = Date.now } = options;
    const { findRepository = repositoryFinder(database) } = options;
    const { anonymousAccess, failuresPerMinute, tokenLifetime, robots, secretKey } =
      config.accounts;
    const challenges = new Challenges(config.server.url);
    const permissions = new Permissions({ database, challenges, anonymousAccess });
    const hashes = new PasswordHashes();
    const throttle = new FailureThrottle(failuresPerMinute);
    const lastUses = new LastUses(database, log);
    const keys = new SigningKeys({ database, now });
    const accessTokens = new AccessTokens({ keys, life: tokenLifetime, now });
    const passwords = new PasswordLogins({
      database,
      hashes,
      throttle,
      sources: this.passwordSources,
      mustVerify: config.accounts.verifyEmail && config.mail !== undefined,
      now,
    });
    const authenticator = new Authenticator({
      database,
      passwords,
      secrets: new SecretLogins({ database, throttle, lastUses, robots, now }),
      tokens: accessTokens,
      challenges,
      now,
    });
    this.permissions = permissions;
    this.rights = new Rights({ database, permissions });
    this.sessions = new Sessions({ database, life: config.accounts.sessionLifetime, now });
    this.findRepository = findRepository;
    this.#createByPush = { database, permissions, visibility: config.registry.createdByPush, now };
    this.administration = {
      database,
      permissions,
      rights: this.rights,
      passwordHashes: hashes,
      sealedSecrets: new SealedSecrets({ database, secretKey }),
      findRepository,
      config,
      now,
    };
    this.external = new ExternalServices({ config, log, now });
    if (this.external.directory !== undefined) {
      const { directory } = this.external;
      this.passwordSources.push(new DirectoryPasswords(this.administration, directory));
    }
    this.#challenges = challenges;
    this.#authenticator = authenticator;
    this.#lastUses = lastUses;
    this.failures = throttle;
    this.issuerKeys = new IssuerKeys({ network: config.network, now });
    this.#passwords = passwords;
    this.#tokens = new TokenService({
      authenticator,
      accessTokens,
      refreshTokens: new RefreshTokens({ database, robots, now }),
      permissions,
      challenges,
      findRepository,
    });
  }

  /**
   * Who makes the request; anonymous without an `Authorization` header.
   *
   * @param scope that the request needs (`scopeFor`), for the challenge when the credentials are not good
   * @throws {RegistryError} `UNAUTHORIZED` with a challenge, `TOOMANYREQUESTS`, `UNAVAILABLE`
   */
  async authenticate(caller: Caller, scope?: string): Promise<Principal> {
    return this.#authenticator.authenticate(caller, scope);
  }

  /**
   * A password, and nothing in its place. Guesses count against account and address.
   *
   * @returns undefined for a wrong password, an unknown user and a disabled one
   * @throws {RegistryError} `TOOMANYREQUESTS`, `UNAVAILABLE`, `EMAIL_UNVERIFIED`
   */
  async checkPassword(name: string, password: string, address: string): Promise<Login | undefined> {
    return this.#passwords.check(name, password, address);
  }

  /** See {@link Permissions.authorize}. */
  async authorize(wish: Wish): Promise<void> {
    await this.permissions.authorize(wish);
  }

  /**
   * The repository of that name, once it is sure that they may do this with it. The first push makes it.
   *
   * @param name as the client wrote it
   * @throws {RegistryError} `NAME_INVALID`, and as `Permissions.authorize`
   */
  async openRepository(
    caller: Caller,
    principal: Principal,
    action: RepositoryAction,
    name: string,
  ): Promise<Repository> {
    const checked = parseRepositoryName(name);
    const repository = await this.findRepository(checked);
    await this.permissions.authorize({ caller, principal, action, repository, name: checked });
    return repository ?? createRepositoryByPush(this.#createByPush, caller, principal, checked);
  }

  /** The repository of that name if it is there and they may read it; the name may be anything. */
  async readableRepository(principal: Principal, name: string): Promise<Repository | undefined> {
    const checked = toRepositoryName(name);
    const repository = checked && (await this.findRepository(checked));
    if (repository === undefined) return undefined;
    return (await this.may(principal, "pull", repository)) ? repository : undefined;
  }

  /** See {@link Permissions.may}. */
  async may(
    principal: Principal,
    action: RepositoryAction,
    repository: Repository,
  ): Promise<boolean> {
    return this.permissions.may(principal, action, repository);
  }

  /**
   * Names of repositories that they may read, in the order of their bytes.
   *
   * @throws {RegistryError} `UNAUTHORIZED` for anonymous and for tokens without `registry:catalog:*`
   */
  async catalog(
    caller: Caller,
    principal: Principal,
    page: { readonly after: string; readonly limit: number },
  ): Promise<string[]> {
    this.permissions.authorizeCatalog(caller, principal);
    const listed = await listRepositories(this.administration, principal, page);
    return listed.map(({ name }) => name);
  }

  /** Resolves when what was noted on the side is written; to be awaited before the database is closed. */
  async settled(): Promise<void> {
    await this.#lastUses.settled();
  }

  /** `GET` and `POST /v2/auth`, see {@link TokenService}. */
  async handleToken(exchange: Exchange): Promise<void> {
    await this.#tokens.handle(exchange);
  }

  /** The value of `WWW-Authenticate`, see {@link Challenges.value}. */
  challenge(caller: Caller, options?: ChallengeOptions): string {
    return this.#challenges.value(caller, options);
  }

  /** For requests that nobody may make without a login. */
  loginNeeded(caller: Caller): RegistryError {
    return this.#challenges.unauthorized(caller, "a login is needed");
  }
}

export function createAccounts(options: AccountsOptions): Accounts {
  return new Accounts(options);
}
