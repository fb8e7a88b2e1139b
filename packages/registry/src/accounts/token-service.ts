import type { FindRepository } from "../repositories/find-repository.ts";
import { readForm } from "../http/read-form.ts";
import type { Exchange } from "../http/exchange.ts";
import { RegistryError } from "../http/registry-error.ts";
import type { AccessTokens } from "./access-tokens.ts";
import { WRONG_CREDENTIALS } from "./authenticator.ts";
import type { Authenticator } from "./authenticator.ts";
import type { Challenges } from "./challenge.ts";
import { grantScopes } from "./grant-scopes.ts";
import type { Login } from "./login.ts";
import type { Permissions } from "./permissions.ts";
import { ANONYMOUS } from "./principal.ts";
import type { RefreshTokens } from "./refresh-tokens.ts";
import { formatScopes, parseScopes } from "./token-scope.ts";

interface TokenRequest {
  /** Undefined: anybody. */
  readonly login: Login | undefined;
  readonly scopes: readonly string[];
  /** What to hand out or back besides the access token. */
  readonly refreshToken: "none" | "new" | { readonly same: string };
}

/**
 * `/v2/auth`: Distribution's token service, by GET (token.md) and by POST (oauth.md). The parameters `service`,
 * `account` and `client_id` decide nothing: a token is always for this registry and for who has shown a secret.
 */
export class TokenService {
  readonly #authenticator: Authenticator;
  readonly #accessTokens: AccessTokens;
  readonly #refreshTokens: RefreshTokens;
  readonly #permissions: Permissions;
  readonly #challenges: Challenges;
  readonly #findRepository: FindRepository;

  constructor(options: {
    readonly authenticator: Authenticator;
    readonly accessTokens: AccessTokens;
    readonly refreshTokens: RefreshTokens;
    readonly permissions: Permissions;
    readonly challenges: Challenges;
    readonly findRepository: FindRepository;
  }) {
    this.#authenticator = options.authenticator;
    this.#accessTokens = options.accessTokens;
    this.#refreshTokens = options.refreshTokens;
    this.#permissions = options.permissions;
    this.#challenges = options.challenges;
    this.#findRepository = options.findRepository;
  }

  /** @throws {RegistryError} `UNAUTHORIZED`, `PARAMETER_INVALID`, `TOOMANYREQUESTS`, `UNAVAILABLE`, `UNSUPPORTED` */
  async handle(exchange: Exchange): Promise<void> {
    const { login, scopes, refreshToken } = await this.#read(exchange);
    const principal = login?.principal ?? ANONYMOUS;
    const grant = await grantScopes(
      { permissions: this.#permissions, findRepository: this.#findRepository },
      principal,
      parseScopes(scopes),
    );
    if (login !== undefined) exchange.account = grant.name;
    const service = this.#challenges.service(exchange);
    const issued = await this.#accessTokens.issue(grant, service);
    const refresh = typeof refreshToken === "object" ? refreshToken.same : undefined;
    const made =
      // Nothing would tell that a directory has changed a password, so clients show it each time.
      refreshToken === "new" && login !== undefined && login.service === undefined
        ? await this.#refreshTokens.issue(login, service)
        : refresh;
    exchange.sendJson(
      200,
      {
        token: issued.token,
        access_token: issued.token,
        token_type: "Bearer",
        expires_in: issued.expiresIn,
        issued_at: new Date(issued.issuedAt).toISOString(),
        scope: formatScopes(grant),
        ...(made === undefined ? {} : { refresh_token: made }),
      },
      { "Cache-Control": "no-store" },
    );
  }

  async #read(exchange: Exchange): Promise<TokenRequest> {
    if (exchange.method === "GET" || exchange.isHead) return this.#readQuery(exchange);
    if (exchange.method === "POST") return this.#readForm(exchange);
    throw new RegistryError("UNSUPPORTED", "tokens are asked for by GET or POST", {
      headers: { Allow: "GET, HEAD, POST" },
    });
  }

  async #readQuery(exchange: Exchange): Promise<TokenRequest> {
    const header = exchange.header("authorization");
    const { query } = exchange;
    return {
      login:
        header === undefined
          ? undefined
          : await this.#authenticator.loginByHeader(exchange, header),
      scopes: query.getAll("scope"),
      refreshToken: query.get("offline_token") === "true" ? "new" : "none",
    };
  }

  async #readForm(exchange: Exchange): Promise<TokenRequest> {
    const form = await readForm(exchange);
    const required = (field: string): string => requiredField(form, field);
    const scopes = form.getAll("scope");
    const grantType = required("grant_type");
    if (grantType === "password") {
      const user = required("username");
      const secret = required("password");
      const login = await this.#authenticator.login(user, secret, exchange.address);
      if (login === undefined) {
        throw this.#challenges.unauthorized(exchange, WRONG_CREDENTIALS);
      }
      return {
        login,
        scopes,
        refreshToken: form.get("access_type") === "offline" ? "new" : "none",
      };
    }
    if (grantType === "refresh_token") {
      const token = required("refresh_token");
      const service = this.#challenges.service(exchange);
      const login = await this.#refreshTokens.redeem(token, service);
      if (login === undefined) {
        throw this.#challenges.unauthorized(
          exchange,
          "the refresh token is not valid any more; log in again",
        );
      }
      return { login, scopes, refreshToken: { same: token } };
    }
    throw new RegistryError("PARAMETER_INVALID", "grant_type must be password or refresh_token", {
      detail: { parameter: "grant_type", value: grantType.slice(0, 255) },
    });
  }
}

function requiredField(form: URLSearchParams, field: string): string {
  const value = form.get(field);
  if (value !== null && value !== "") return value;
  throw new RegistryError("PARAMETER_INVALID", `${field} is missing`, {
    detail: { parameter: field },
  });
}
