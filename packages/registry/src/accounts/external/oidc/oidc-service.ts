import type { OidcConfig } from "../../../config/config.ts";
import { RegistryError } from "../../../http/registry-error.ts";
import type { Logger } from "../../../log.ts";
import type { ExternalIdentity } from "../external-identity.ts";
import type { AttemptSecrets } from "./login-attempt.ts";
import { groupsIn, identityIn } from "./oidc-claims.ts";
import type { Claims } from "./oidc-claims.ts";
import { OidcDiscovery } from "./oidc-discovery.ts";

/** Whom a service vouches for. */
export interface OidcLogin {
  readonly identity: ExternalIdentity;
  /** Undefined: the service has not told. */
  readonly groups: readonly string[] | undefined;
}

/** One OpenID Connect provider, as a client of the authorization code flow with PKCE (RFC 7636, S256). */
export class OidcService {
  readonly config: OidcConfig;
  readonly #discovery: OidcDiscovery;
  readonly #log: Pick<Logger, "warn"> | undefined;

  constructor(options: {
    readonly config: OidcConfig;
    readonly log: Pick<Logger, "warn"> | undefined;
    readonly now: () => number;
  }) {
    this.config = options.config;
    this.#discovery = new OidcDiscovery(options);
    this.#log = options.log;
  }

  /**
   * Where to send the browser.
   *
   * @param options.again somebody who is signed in shows once more who they are
   * @throws {RegistryError} `UNAVAILABLE` when the service cannot be reached
   */
  async authorizationUrl(
    { state, nonce, verifier }: AttemptSecrets,
    options: { readonly redirectUri: string; readonly again: boolean },
  ): Promise<string> {
    const configuration = await this.#discover();
    const { buildAuthorizationUrl, calculatePKCECodeChallenge } = await import("openid-client");
    try {
      return buildAuthorizationUrl(configuration, {
        redirect_uri: options.redirectUri,
        scope: this.config.scopes.join(" "),
        state,
        nonce,
        code_challenge: await calculatePKCECodeChallenge(verifier),
        code_challenge_method: "S256",
        ...(options.again ? { prompt: "login" } : {}),
      }).href;
    } catch (error) {
      throw this.#unavailable(error); // what it tells of itself has no such address
    }
  }

  /**
   * Redeems the code that the browser has brought, and checks the ID token: signature, issuer, audience, times, nonce
   * (OpenID Connect Core, 3.1.3.7), and that the answer is of this very service (RFC 9207).
   *
   * @param callback the whole URL that the browser was sent back to
   * @throws {RegistryError} `EXTERNAL_LOGIN_FAILED` when it vouches for nobody, `UNAVAILABLE`
   */
  async identify(callback: URL, { state, nonce, verifier }: AttemptSecrets): Promise<OidcLogin> {
    const configuration = await this.#discover();
    const { authorizationCodeGrant, fetchUserInfo } = await import("openid-client");
    try {
      const tokens = await authorizationCodeGrant(configuration, callback, {
        expectedState: state,
        expectedNonce: nonce,
        pkceCodeVerifier: verifier,
        idTokenExpected: true,
      });
      const token: Claims & { readonly sub?: string } = tokens.claims() ?? {};
      const subject = token.sub ?? "";
      // OpenID Connect Core, 2: at most 255 characters. No one and the same is everybody without a subject.
      if (!/^[^\0\ud800-\udfff]{1,255}$/u.test(subject))
        throw new Error("the subject is not valid");
      // Many services keep ID tokens small, and tell the rest when they are asked.
      const isAsked =
        lacks(token, this.config) && configuration.serverMetadata().userinfo_endpoint !== undefined;
      const more: Claims = isAsked
        ? await fetchUserInfo(configuration, tokens.access_token, subject)
        : {};
      const claims = { ...more, ...token };
      return {
        identity: identityIn(claims, subject, this.config),
        groups: groupsIn(claims, this.config.groupsClaim),
      };
    } catch (error) {
      throw await this.#failure(error);
    }
  }

  async #discover() {
    try {
      return await this.#discovery.find();
    } catch (error) {
      throw this.#unavailable(error);
    }
  }

  async #failure(error: unknown): Promise<RegistryError> {
    const { AuthorizationResponseError, ClientError, ResponseBodyError } =
      await import("openid-client");
    const code =
      error instanceof AuthorizationResponseError || error instanceof ResponseBodyError
        ? error.error
        : undefined;
    const isUnreachable =
      error instanceof TypeError ||
      (error instanceof ClientError && isOutage(error)) ||
      (error instanceof ResponseBodyError && error.status >= 500);
    this.#log?.warn("a sign-in by a service has failed", {
      service: this.config.id,
      ...(code === undefined ? {} : { code: code.slice(0, 100) }),
      error: error instanceof Error ? error : String(error),
    });
    if (isUnreachable) return this.#unavailable(error);
    // The words of the service come by the browser and could be anybody's; its codes are plain words.
    const reason = code !== undefined && /^[a-z_]{1,60}$/.test(code) ? ` (${code})` : "";
    return new RegistryError(
      "EXTERNAL_LOGIN_FAILED",
      `${this.config.name} did not vouch for you${reason}; begin again`,
      { cause: error },
    );
  }

  #unavailable(error: unknown): RegistryError {
    return new RegistryError(
      "UNAVAILABLE",
      `${this.config.name} cannot be reached, or does not work; try again in a moment`,
      { headers: { "Retry-After": "10" }, cause: error },
    );
  }
}

function lacks(claims: Claims, { usernameClaim, groupsClaim }: OidcConfig): boolean {
  return (
    claims[usernameClaim] === undefined ||
    claims["email"] === undefined ||
    groupsIn(claims, groupsClaim) === undefined
  );
}

function isOutage({ code, cause }: Error & { readonly code?: string | undefined }): boolean {
  if (code === "OAUTH_TIMEOUT" || code === "OAUTH_ABORT") return true;
  return cause instanceof Response && cause.status >= 500;
}
