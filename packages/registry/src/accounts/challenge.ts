import { RegistryError } from "../http/registry-error.ts";
import type { Caller } from "./caller.ts";
import type { RepositoryAction } from "./principal.ts";

/** Path of the token service. */
export const TOKEN_PATH = "/v2/auth";

export interface ChallengeOptions {
  /** Scopes that the request needs, separated by spaces: `repository:team/app:pull`. */
  readonly scope?: string | undefined;
  /** RFC 6750 section 3.1: why the token that came along is not enough. */
  readonly error?: "invalid_token" | "insufficient_scope" | undefined;
}

/** Tells clients how to authenticate (RFC 9110 section 11.6.1). */
export class Challenges {
  readonly #url: string | undefined;
  readonly #urlHost: string | undefined;

  /** @param url under which clients reach the server; undefined: under the one they used */
  constructor(url: string | undefined) {
    this.#url = url;
    this.#urlHost = url === undefined ? undefined : hostOf(url);
  }

  /** Name of this registry for tokens: host, and port if it is not the usual one. */
  service(caller: Pick<Caller, "origin">): string {
    return this.#urlHost ?? hostOf(caller.origin);
  }

  /**
   * The value of `WWW-Authenticate`: on `/v2/` the Bearer challenge of Distribution's token specification, elsewhere
   * Basic, which curl, wget and browsers speak (RFC 7617).
   */
  value(caller: Caller, options: ChallengeOptions = {}): string {
    const service = quoted(this.service(caller));
    const ofRegistry = caller.path.startsWith("/v2") && caller.path !== TOKEN_PATH;
    if (!ofRegistry) return `Basic realm=${service},charset="UTF-8"`;
    const parameters = [
      `realm=${quoted(`${this.#url ?? caller.origin}${TOKEN_PATH}`)}`,
      `service=${service}`,
    ];
    if (options.scope !== undefined) parameters.push(`scope=${quoted(options.scope)}`);
    if (options.error !== undefined) parameters.push(`error=${quoted(options.error)}`);
    return `Bearer ${parameters.join(",")}`;
  }

  /** A 401 that tells how to do better. */
  unauthorized(
    caller: Caller,
    message: string,
    options: ChallengeOptions & { readonly detail?: unknown } = {},
  ): RegistryError {
    return new RegistryError("UNAUTHORIZED", message, {
      detail: options.detail,
      headers: { "WWW-Authenticate": this.value(caller, options) },
    });
  }
}

/**
 * The scope that a client should ask a token for. Pushing reads as well: clients look first what is there already.
 *
 * @param name of a repository; it is checked already
 */
export function scopeFor(action: RepositoryAction, name: string): string {
  const actions = { pull: "pull", push: "pull,push", delete: "delete", admin: "*" }[action];
  return `repository:${name}:${actions}`;
}

/** The scope of listing repositories. */
export const CATALOG_SCOPE = "registry:catalog:*";

function hostOf(origin: string): string {
  const start = origin.indexOf("://") + 3;
  const end = origin.indexOf("/", start);
  return origin.slice(start, end < 0 ? undefined : end).toLowerCase();
}

/** A quoted-string (RFC 9110 section 5.6.4); what could end or split a header is left out. */
function quoted(text: string): string {
  return `"${text.replaceAll(/[^\x20-\x7e]|["\\]/g, "")}"`;
}
