// Long for one noun: authentication, redirects and errors of a request depend on each other.
import type { Environment } from "../transports/environment.ts";
import { exchange, type HttpRequest, type HttpResponse } from "../transports/http/exchange.ts";
import type { RegistryHost, RepositoryName } from "../transports/image-name.ts";
import { TransportError } from "../transports/transport-error.ts";
import { Authorization } from "./authorization.ts";
import { parseChallenges } from "./challenge.ts";
import { Connections } from "./connections.ts";
import { explainFailure } from "./explain-failure.ts";
import { isLoopback } from "../transports/http/loopback.ts";
import { followRedirect } from "./redirect.ts";
import { explainStatus } from "./registry-error.ts";
import { findEndpoint } from "./registry-endpoint.ts";
import {
  DEFAULT_RETRY,
  retryAfter,
  type RetryPolicy,
  TemporaryFailure,
  withRetries,
} from "./retry.ts";

export interface RegistryOptions {
  readonly env: Environment;
  readonly signal?: AbortSignal | undefined;
  /** Allows plain http and certificates that cannot be verified. Always on for this machine's own addresses. */
  readonly insecure?: boolean | undefined;
  readonly retry?: RetryPolicy | undefined;
  /** Longest silence of the other side in milliseconds, default a minute. */
  readonly patience?: number | undefined;
}

/** What a request is for; distribution `auth/scope.md`. */
export type Action = "pull" | "pull,push";

export interface RegistryRequest {
  readonly method: "GET" | "HEAD" | "POST" | "PATCH" | "PUT";
  /** Below `/v2/<repository>/`, or the address a `Location` header named. */
  readonly target: string | URL;
  readonly action: Action;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: HttpRequest["body"];
  /** Further scopes that the token needs. */
  readonly scopes?: readonly string[];
  /** Statuses from 400 that the caller handles. */
  readonly allow?: readonly number[];
  /** Milliseconds of silence, where more than the usual is normal. */
  readonly patience?: number;
}

interface ClientParts {
  readonly host: RegistryHost;
  readonly repository: RepositoryName;
  readonly endpoint: URL;
  readonly connections: Connections;
  readonly authorization: Authorization;
  readonly signal: AbortSignal | undefined;
  readonly retry: RetryPolicy;
  readonly patience: number;
}

const PATIENCE = 60_000;
const REDIRECTS = 5;

/** One repository of a registry, spoken to by the OCI distribution specification. */
export class RegistryClient implements Disposable {
  readonly host: RegistryHost;
  readonly repository: RepositoryName;
  readonly signal: AbortSignal | undefined;
  readonly #parts: ClientParts;

  private constructor(parts: ClientParts) {
    this.host = parts.host;
    this.repository = parts.repository;
    this.signal = parts.signal;
    this.#parts = parts;
  }

  /**
   * Finds out how the registry speaks (https or http, which authentication).
   *
   * @throws {TransportError} `unreachable` when nobody answers, `refused` when it is no registry
   */
  static async open(
    host: RegistryHost,
    repository: RepositoryName,
    options: RegistryOptions,
  ): Promise<RegistryClient> {
    const { env, signal, patience = PATIENCE, retry = DEFAULT_RETRY } = options;
    const address = host === "docker.io" ? "registry-1.docker.io" : host;
    const insecure =
      options.insecure === true || isLoopback(new URL(`https://${address}`).hostname);
    const connections = new Connections(address, insecure, env);
    try {
      const { endpoint, challenges } = await findEndpoint({
        host,
        address,
        insecure,
        connections,
        signal,
        patience,
        retry,
      });
      const authorization = new Authorization({
        host,
        repository,
        endpoint,
        challenges,
        connections,
        env,
        signal,
        patience,
      });
      return new RegistryClient({
        host,
        repository,
        endpoint,
        connections,
        authorization,
        signal,
        retry,
        patience,
      });
    } catch (error) {
      connections[Symbol.dispose]();
      throw error;
    }
  }

  /** The same client, its connections and tokens, with another signal for its requests. Only the first is closed. */
  withSignal(signal: AbortSignal): RegistryClient {
    return new RegistryClient({ ...this.#parts, signal });
  }

  /**
   * Sends a request, tries again what may pass, follows redirects of GET and HEAD.
   *
   * @returns an answer below 400 or one of `allow`; its body must be read or discarded
   * @throws {TransportError} for all else
   */
  async request(request: RegistryRequest): Promise<HttpResponse> {
    return await this.retrying(() => this.attempt(request));
  }

  /** Runs an operation made of {@link attempt}s again while it fails for reasons that pass. */
  async retrying<T>(operation: () => Promise<T>): Promise<T> {
    try {
      return await withRetries(this.#parts.retry, this.signal, operation);
    } catch (error) {
      throw explainFailure(error, this.host);
    }
  }

  /** As {@link request}, once: for operations that begin anew as a whole. */
  async attempt(request: RegistryRequest): Promise<HttpResponse> {
    const url = typeof request.target === "string" ? this.#urlOf(request.target) : request.target;
    const first = await this.#send(request, url);
    if (first.status !== 401) return await this.#check(request, first);
    first.discard();
    this.#parts.authorization.renew(parseChallenges(first.values("www-authenticate")));
    // A body that was made on the way cannot be made again here.
    if (typeof request.body === "function")
      throw new TemporaryFailure(this.#parts.authorization.denied(), 0);
    const second = await this.#send(request, url);
    if (second.status !== 401) return await this.#check(request, second);
    second.discard();
    throw this.#parts.authorization.denied();
  }

  /**
   * The address that an answer's `Location` names.
   *
   * @param target what was asked
   * @throws {TransportError} `refused` when there is none, or it may not be used
   */
  locationOf(response: HttpResponse, target: RegistryRequest["target"]): URL {
    const base = typeof target === "string" ? this.#urlOf(target) : target;
    return followRedirect(base, response.headers.location, this.#parts.endpoint);
  }

  [Symbol.dispose](): void {
    this.#parts.connections[Symbol.dispose]();
  }

  #urlOf(target: string): URL {
    return new URL(`/v2/${this.repository}/${target}`, this.#parts.endpoint);
  }

  async #send(request: RegistryRequest, start: URL): Promise<HttpResponse> {
    const { method, headers, body, action, scopes = [] } = request;
    let url = start;
    for (let hop = 0; hop <= REDIRECTS; hop++) {
      // Only the registry itself may see who we are.
      const authorization =
        url.origin === this.#parts.endpoint.origin
          ? await this.#parts.authorization.headers([
              `repository:${this.repository}:${action}`,
              ...scopes,
            ])
          : {};
      const response = await exchange({
        method,
        url,
        headers: { ...headers, ...authorization },
        agent: this.#parts.connections.agentFor(url),
        signal: this.signal,
        patience: request.patience ?? this.#parts.patience,
        ...(body === undefined ? {} : { body }),
      });
      if (!isRedirect(response.status)) return response;
      response.discard();
      if (method !== "GET" && method !== "HEAD") {
        throw new TransportError(
          "refused",
          `${url.host} redirects a ${method}, which is not followed`,
        );
      }
      url = followRedirect(url, response.headers.location, this.#parts.endpoint);
    }
    throw new TransportError("refused", `${this.host} redirects more than ${REDIRECTS} times`);
  }

  async #check(request: RegistryRequest, response: HttpResponse): Promise<HttpResponse> {
    if (response.status < 400 || request.allow?.includes(response.status)) return response;
    const error = this.#parts.authorization.redacted(await explainStatus(response, this));
    if (!isTemporaryStatus(response.status)) throw error;
    throw new TemporaryFailure(error, retryAfter(response.headers["retry-after"]));
  }
}

function isRedirect(status: number): boolean {
  return status === 301 || status === 302 || status === 303 || status === 307 || status === 308;
}

function isTemporaryStatus(status: number): boolean {
  return status === 408 || status === 429 || (status >= 500 && status !== 501 && status !== 505);
}
