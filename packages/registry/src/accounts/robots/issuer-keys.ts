import { createLocalJWKSet } from "jose/jwks/local";
import type { JWTVerifyGetKey } from "jose";
import { LRUCache } from "lru-cache";
import { z } from "zod";
import { Semaphore } from "../../concurrency/semaphore.ts";
import type { Config } from "../../config/config.ts";
import { guardedFetch } from "../../http/outgoing/guarded-fetch.ts";
import { RefusedRequest } from "../../http/outgoing/refused-request.ts";

/** Issuers whose keys are kept in memory. */
const KEPT = 200;
/** How long keys are believed, in milliseconds. */
const BELIEVED = 600_000;
/** Keys that lack the one that is looked for are fetched again when they are older: an issuer changes its keys. */
const FRESH = 30_000;
/** An issuer that failed is not asked again before. */
const REST = 10_000;
/** Issuers that are asked at the same time. */
const AT_ONCE = 8;
const TIMEOUT = 5000;
const MAX_BYTES = 256 * 1024;
const MOST_KEYS = 100;

interface Kept {
  readonly keys: JWTVerifyGetKey | Error;
  readonly at: number;
}

const Discovery = z.object({ issuer: z.string(), jwks_uri: z.string() });
const Keys = z.object({ keys: z.array(z.looseObject({ kty: z.string() })).max(MOST_KEYS) });

/** Public keys of OIDC issuers, by their discovery documents (OpenID Connect Discovery 1.0, 4). */
export class IssuerKeys {
  readonly #network: Config["network"];
  readonly #now: () => number;
  readonly #kept = new LRUCache<string, Kept>({ max: KEPT });
  readonly #fetching = new Map<string, Promise<Kept>>();
  readonly #turns = new Semaphore(AT_ONCE);

  constructor(options: { readonly network: Config["network"]; readonly now: () => number }) {
    this.#network = options.network;
    this.#now = options.now;
  }

  /**
   * The keys of an issuer, for jose.
   *
   * @param issuer that somebody has configured: never of a token alone
   * @param lacking true: those that are kept lack a key
   * @returns undefined when those that are kept are so fresh that they would lack it again
   * @throws {RefusedRequest} for an issuer that may not be asked; other errors for what the network and the issuer do
   */
  async of(issuer: string, lacking = false): Promise<JWTVerifyGetKey | undefined> {
    const now = this.#now();
    const kept = this.#kept.get(issuer);
    if (kept !== undefined) {
      const life = kept.keys instanceof Error ? REST : lacking ? FRESH : BELIEVED;
      if (now < kept.at + life) {
        if (kept.keys instanceof Error) throw kept.keys;
        return lacking ? undefined : kept.keys;
      }
    }
    const { keys } = await this.#fetchOnce(issuer);
    if (keys instanceof Error) throw keys;
    return keys;
  }

  /** Whoever wants the same issuer shares one request, which nobody's leaving ends. */
  async #fetchOnce(issuer: string): Promise<Kept> {
    const running = this.#fetching.get(issuer);
    if (running !== undefined) return running;
    const started = this.#turns
      .run(() => this.#fetch(issuer))
      .catch((error: unknown) => (error instanceof Error ? error : new Error(String(error))))
      .then((keys): Kept => {
        const kept = { keys, at: this.#now() };
        this.#kept.set(issuer, kept);
        return kept;
      })
      .finally(() => this.#fetching.delete(issuer));
    this.#fetching.set(issuer, started);
    return started;
  }

  async #fetch(issuer: string): Promise<JWTVerifyGetKey> {
    const base = issuer.endsWith("/") ? issuer.slice(0, -1) : issuer;
    const discovery = Discovery.parse(await this.#json(`${base}/.well-known/openid-configuration`));
    if (discovery.issuer !== issuer) {
      throw new RefusedRequest(`the discovery document of ${issuer} is of another issuer`);
    }
    const keys = Keys.parse(await this.#json(discovery.jwks_uri));
    return createLocalJWKSet(keys); // jose looks at each key before it uses it
  }

  async #json(url: string): Promise<unknown> {
    const options = {
      timeout: TIMEOUT,
      maxBytes: MAX_BYTES,
      headers: { accept: "application/json" },
    };
    const answer = await guardedFetch(this.#network, url, options);
    if (answer.status !== 200) {
      throw new RefusedRequest(`${new URL(url).host} answers with ${answer.status}`);
    }
    return answer.json();
  }
}
