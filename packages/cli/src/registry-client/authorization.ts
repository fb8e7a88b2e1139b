import type { ImageError } from "@wharf/image";

import type { Environment } from "../transports/environment.ts";
import type { RegistryHost, RepositoryName } from "../transports/image-name.ts";
import { TransportError } from "../transports/transport-error.ts";
import type { Challenge } from "./challenge.ts";
import type { Connections } from "./connections.ts";
import { findCredentials, type FoundCredentials } from "./credentials.ts";
import { basicAuthorization, fetchToken, type Token } from "./token.ts";

/** What {@link Authorization} needs to know of its registry. */
export interface AuthorizationParts {
  readonly host: RegistryHost;
  readonly repository: RepositoryName;
  readonly endpoint: URL;
  /** What the registry asked for when it was first spoken to; none if it is open. */
  readonly challenges: readonly Challenge[];
  readonly connections: Connections;
  readonly env: Environment;
  readonly signal: AbortSignal | undefined;
  readonly patience: number;
}

/** Answers the challenges of a registry, with one token for each set of scopes, kept while it is good. */
export class Authorization {
  readonly #parts: AuthorizationParts;
  readonly #tokens = new Map<string, Promise<Token>>();
  readonly #secrets = new Set<string>();
  #challenges: readonly Challenge[];
  #found: Promise<FoundCredentials> | undefined;
  #problem: string | undefined;
  #anonymous = true;

  constructor(parts: AuthorizationParts) {
    this.#parts = parts;
    this.#challenges = parts.challenges;
  }

  /**
   * The headers of a request to the registry: `authorization`, or nothing where it asks for nothing.
   *
   * @throws {TransportError} `denied` when credentials are needed and there are none, or they are refused
   */
  async headers(scopes: readonly string[]): Promise<Record<string, string>> {
    const bearer = this.#challenges.find(
      ({ scheme, parameters }) => scheme === "bearer" && parameters.has("realm"),
    );
    if (bearer !== undefined) {
      const { value } = await this.#token(bearer, scopes);
      this.#secrets.add(value);
      return { authorization: `Bearer ${value}` };
    }
    if (!this.#challenges.some(({ scheme }) => scheme === "basic")) return {};
    const credentials = await this.#credentials();
    if (credentials?.kind !== "password") throw this.denied();
    const authorization = basicAuthorization(credentials);
    this.#secrets.add(authorization.slice("Basic ".length)).add(credentials.password);
    return { authorization };
  }

  /** Takes the challenges of a refused request and drops the tokens so far. */
  renew(challenges: readonly Challenge[]): void {
    this.#tokens.clear();
    if (challenges.length > 0) this.#challenges = challenges;
  }

  /** What to say when the registry refuses us for good. */
  denied(): TransportError {
    const { host, repository } = this.#parts;
    const why = this.#problem === undefined ? "" : `; ${this.#problem}`;
    return this.#anonymous
      ? new TransportError(
          "denied",
          `${host} wants credentials for ${repository}, and there are none${why}`,
          {
            hint: `log in first: docker login ${host} (or podman login, skopeo login); or check the name`,
          },
        )
      : new TransportError("denied", `${host} refuses the credentials for ${repository}`, {
          hint: `log in again: docker login ${host}; or ask for access to ${repository}`,
        });
  }

  /** The error without what must not be seen, should the server have said it back to us. */
  redacted<E extends TransportError | ImageError>(error: E): E {
    for (const secret of this.#secrets) {
      if (secret !== "") error.message = error.message.replaceAll(secret, "***");
    }
    return error;
  }

  async #token(challenge: Challenge, wanted: readonly string[]): Promise<Token> {
    const asked = challenge.parameters.get("scope");
    const scopes = [...new Set(asked === undefined ? wanted : [...wanted, asked])].toSorted();
    const key = JSON.stringify([
      challenge.parameters.get("realm"),
      challenge.parameters.get("service"),
      scopes,
    ]);
    const pending = this.#tokens.get(key);
    const known = await pending?.catch(() => undefined);
    if (known !== undefined && known.expires > Date.now()) return known;
    // Whoever waited as well may have asked for the next one already.
    if (this.#tokens.get(key) !== pending) return await this.#token(challenge, wanted);
    const token = this.#fetch(challenge, scopes);
    this.#tokens.set(key, token);
    token.catch(() => this.#tokens.delete(key));
    return await token;
  }

  async #fetch(challenge: Challenge, scopes: readonly string[]): Promise<Token> {
    const { endpoint, connections, signal, patience } = this.#parts;
    const credentials = await this.#credentials();
    if (credentials !== undefined) {
      this.#secrets.add(credentials.kind === "password" ? credentials.password : credentials.token);
    }
    try {
      return await fetchToken({
        registry: endpoint,
        challenge,
        scopes,
        credentials,
        connections,
        signal,
        patience,
      });
    } catch (error) {
      const told =
        error instanceof TransportError && error.code === "denied" && this.#problem !== undefined;
      throw told ? this.denied() : error;
    }
  }

  async #credentials(): Promise<FoundCredentials["credentials"]> {
    const { host, repository, env, signal } = this.#parts;
    this.#found ??= findCredentials(host, repository, env, signal);
    const { credentials, problem } = await this.#found;
    this.#problem = problem;
    this.#anonymous = credentials === undefined;
    return credentials;
  }
}
