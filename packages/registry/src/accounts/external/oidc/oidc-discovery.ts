import type { ClientAuth, Configuration } from "openid-client";
import type { OidcConfig } from "../../../config/config.ts";
import type { Logger } from "../../../log.ts";
import { boundedFetch } from "./bounded-fetch.ts";

/** How long what a service tells of itself is good, in milliseconds. */
const FRESH = 3_600_000;
/** After a failure it is asked again no sooner than this. */
const PAUSE = 5_000;
/** Seconds that a service may take to answer. */
const TIMEOUT = 10;
/** Clocks may differ by this, in seconds. */
const SKEW = 30;

interface Failure {
  readonly at: number;
  readonly error: unknown;
}

/**
 * What a service tells of itself (OpenID Connect Discovery), asked for when somebody signs in, and kept. One that
 * cannot be reached for a while goes on with what it has told before.
 */
export class OidcDiscovery {
  readonly #config: OidcConfig;
  readonly #log: Pick<Logger, "warn"> | undefined;
  readonly #now: () => number;
  #found: { readonly configuration: Configuration; readonly at: number } | undefined;
  #failure: Failure | undefined;
  #running: Promise<Configuration> | undefined;

  constructor(options: {
    readonly config: OidcConfig;
    readonly log: Pick<Logger, "warn"> | undefined;
    readonly now: () => number;
  }) {
    this.#config = options.config;
    this.#log = options.log;
    this.#now = options.now;
  }

  /** @throws what kept the service from answering, when it never has */
  async find(): Promise<Configuration> {
    const now = this.#now();
    if (this.#found !== undefined && now - this.#found.at < FRESH) return this.#found.configuration;
    if (this.#failure !== undefined && now - this.#failure.at < PAUSE) {
      if (this.#found !== undefined) return this.#found.configuration;
      throw this.#failure.error;
    }
    this.#running ??= this.#ask().finally(() => (this.#running = undefined));
    return this.#running;
  }

  async #ask(): Promise<Configuration> {
    try {
      const configuration = await discover(this.#config);
      this.#found = { configuration, at: this.#now() };
      this.#failure = undefined;
      return configuration;
    } catch (error) {
      this.#failure = { at: this.#now(), error };
      const { id, issuer } = this.#config;
      this.#log?.warn("a sign-in service does not tell of itself", {
        service: id,
        issuer,
        error: error instanceof Error ? error : String(error),
      });
      if (this.#found !== undefined) return this.#found.configuration;
      throw error;
    }
  }
}

async function discover({ issuer, clientId, clientSecret }: OidcConfig): Promise<Configuration> {
  // Only registries with such a service pay for the library.
  const library = await import("openid-client");
  const { allowInsecureRequests, enableNonRepudiationChecks } = library;
  const isPlain = issuer.startsWith("http:");
  return library.discovery(
    new URL(issuer),
    clientId,
    { [library.clockTolerance]: SKEW },
    clientAuthentication(library, clientSecret),
    {
      // Signatures of ID tokens are checked although TLS brought them.
      execute: [enableNonRepudiationChecks, ...(isPlain ? [allowInsecureRequests] : [])],
      timeout: TIMEOUT,
      [library.customFetch]: boundedFetch,
    },
  );
}

/** Basic is what every service must take (RFC 6749, 2.3.1); some tell that they want the form alone. */
function clientAuthentication(
  { ClientSecretBasic, ClientSecretPost, None }: typeof import("openid-client"),
  secret: string | undefined,
): ClientAuth {
  if (secret === undefined) return None();
  const basic = ClientSecretBasic(secret);
  const post = ClientSecretPost(secret);
  return (server, client, body, headers) => {
    const methods = server.token_endpoint_auth_methods_supported ?? ["client_secret_basic"];
    const wantsPost =
      methods.includes("client_secret_post") && !methods.includes("client_secret_basic");
    return (wantsPost ? post : basic)(server, client, body, headers);
  };
}
