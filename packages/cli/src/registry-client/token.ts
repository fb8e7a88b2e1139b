import { isLoopback } from "../transports/http/loopback.ts";
import { exchange, type HttpResponse, shownUrl } from "../transports/http/exchange.ts";
import { TransportError } from "../transports/transport-error.ts";
import type { Challenge } from "./challenge.ts";
import type { Credentials } from "./credentials.ts";
import type { Connections } from "./connections.ts";

/** A bearer token and when it has to be replaced. */
export interface Token {
  /** Never part of a message. */
  readonly value: string;
  /** Milliseconds since the epoch; a few seconds before the server's own limit. */
  readonly expires: number;
}

export interface TokenRequest {
  /** The registry the token is for. */
  readonly registry: URL;
  readonly challenge: Challenge;
  /** For example `repository:library/python:pull`. */
  readonly scopes: readonly string[];
  readonly credentials: Credentials | undefined;
  readonly connections: Connections;
  readonly signal: AbortSignal | undefined;
  readonly patience: number;
}

const TOKEN_BYTES = 1 << 20;
/** Lifetime in seconds of a token that names none (distribution, `docs/spec/auth/token.md`). */
const DEFAULT_LIFETIME = 60;

/**
 * Fetches a token from the realm that a challenge names: with GET (distribution `auth/token.md`), or with POST where
 * the credentials are an identity token (`auth/oauth.md`).
 *
 * @throws {TransportError} `denied` when the realm refuses the credentials, or may not be asked
 */
export async function fetchToken(request: TokenRequest): Promise<Token> {
  const realm = realmOf(request);
  const response = await (request.credentials?.kind === "identity-token"
    ? refresh(request, realm)
    : get(request, realm));
  const body = await response.bytes(TOKEN_BYTES);
  if (response.status === 401 || response.status === 403) {
    throw new TransportError(
      "denied",
      `${realm.host} refuses a token for ${request.registry.host}`,
      {
        hint: hintFor(request),
      },
    );
  }
  if (response.status === 429 || response.status >= 500) {
    throw new TransportError(
      "interrupted",
      `${shownUrl(realm)} answers with status ${response.status}`,
    );
  }
  if (response.status !== 200)
    throw new TransportError(
      "refused",
      `${shownUrl(realm)} answers with status ${response.status}`,
    );
  return readToken(body, realm);
}

/**
 * The realm, if it may be asked. A server names it freely, so it must not lead credentials out in the clear, nor
 * make us fetch something from inside our network and hand it to the registry as a "token".
 */
function realmOf({ registry, challenge, credentials }: TokenRequest): URL {
  const text = challenge.parameters.get("realm") ?? "";
  const realm = URL.canParse(text) ? new URL(text) : undefined;
  if (
    realm === undefined ||
    !/^https?:$/.test(realm.protocol) ||
    realm.username !== "" ||
    realm.password !== ""
  ) {
    throw new TransportError("refused", `${registry.host} names no usable token server`);
  }
  const bothLocal = isLoopback(realm.hostname) && isLoopback(registry.hostname);
  if (realm.origin === registry.origin || bothLocal) return realm;
  if (isLoopback(realm.hostname)) {
    throw new TransportError(
      "refused",
      `${registry.host} names a token server on this machine, which is not asked`,
    );
  }
  if (realm.protocol === "https:") return realm;
  if (credentials !== undefined) {
    throw new TransportError(
      "denied",
      `${registry.host} wants credentials sent to ${realm.origin} in the clear, refused`,
      {
        hint: "the registry's token server needs https",
      },
    );
  }
  if (registry.protocol === "http:") return realm;
  throw new TransportError(
    "refused",
    `${registry.host} names a token server without https: ${realm.origin}`,
  );
}

async function get(request: TokenRequest, realm: URL): Promise<HttpResponse> {
  const { challenge, credentials, scopes } = request;
  const url = new URL(realm);
  const service = challenge.parameters.get("service");
  if (service !== undefined) url.searchParams.set("service", service);
  for (const scope of scopes) url.searchParams.append("scope", scope);
  const headers: Record<string, string> = { accept: "application/json" };
  if (credentials?.kind === "password") {
    url.searchParams.set("account", credentials.username);
    headers["authorization"] = basicAuthorization(credentials);
  }
  return await exchange({ method: "GET", url, headers, ...channel(request, url) });
}

async function refresh(request: TokenRequest, realm: URL): Promise<HttpResponse> {
  const { challenge, credentials, scopes } = request;
  const form = new URLSearchParams({
    grant_type: "refresh_token",
    service: challenge.parameters.get("service") ?? "",
    client_id: "wharf",
    scope: scopes.join(" "),
    refresh_token: credentials?.kind === "identity-token" ? credentials.token : "",
  });
  const headers = {
    accept: "application/json",
    "content-type": "application/x-www-form-urlencoded",
  };
  return await exchange({
    method: "POST",
    url: realm,
    headers,
    body: Buffer.from(form.toString()),
    ...channel(request, realm),
  });
}

/** RFC 7617. */
export function basicAuthorization({
  username,
  password,
}: {
  username: string;
  password: string;
}): string {
  return `Basic ${Buffer.from(`${username}:${password}`).toString("base64")}`;
}

function channel({ connections, signal, patience }: TokenRequest, url: URL) {
  return { agent: connections.agentFor(url), signal, patience };
}

function readToken(body: Uint8Array, realm: URL): Token {
  const refuse = () => new TransportError("refused", `${shownUrl(realm)} answers with no token`);
  let parsed: unknown;
  try {
    parsed = JSON.parse(Buffer.from(body).toString("utf8"));
  } catch {
    throw refuse(); // the parser's message would quote the body
  }
  if (typeof parsed !== "object" || parsed === null) throw refuse();
  const value: unknown = Reflect.get(parsed, "token") ?? Reflect.get(parsed, "access_token");
  if (typeof value !== "string" || !/^[\x21-\x7e]+$/.test(value)) throw refuse();
  const lifetime: unknown = Reflect.get(parsed, "expires_in");
  const seconds = typeof lifetime === "number" && lifetime > 0 ? lifetime : DEFAULT_LIFETIME;
  // Counted from now, not from `issued_at`: clocks differ.
  return { value, expires: Date.now() + seconds * 900 };
}

function hintFor({ credentials, registry }: TokenRequest): string {
  return credentials === undefined
    ? `log in: docker login ${registry.host}`
    : `log in again (docker login ${registry.host}), or ask for access to the repository`;
}
