// Long because it is one thing: one request, from what it may reach to what may come back.
import { lookup } from "node:dns/promises";
import { request as requestHttp } from "node:http";
import type { IncomingMessage, RequestOptions } from "node:http";
import { request as requestHttps } from "node:https";
import { isIP } from "node:net";
import type { Config } from "../../config/config.ts";
import { mayReach } from "./private-addresses.ts";
import { RefusedRequest } from "./refused-request.ts";

export interface GuardedRequest {
  readonly method?: string | undefined;
  readonly headers?: Readonly<Record<string, string>> | undefined;
  readonly body?: string | Uint8Array | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Longest body of the answer. */
  readonly maxBytes?: number | undefined;
  /** Milliseconds for all of it, redirects included. */
  readonly timeout?: number | undefined;
  /** How many redirects are followed; 3 where it is missing. */
  readonly redirects?: number | undefined;
}

const MAX_BYTES = 1024 * 1024;
const TIMEOUT = 10_000;
const REDIRECTS = 3;

/**
 * Fetches a URL that a user, or somebody else's server, has named. The name is resolved once and the connection goes to
 * the address that was looked at, so a name that changes its address in between leads nowhere else. Each redirect is
 * looked at as the first URL was. No connection is kept, no content coding is asked for.
 *
 * @returns the answer with its whole body, whatever its status
 * @throws {RefusedRequest} for a URL, address, size or time that is not allowed; other errors for what the network does
 */
export async function guardedFetch(
  network: Config["network"],
  url: string | URL,
  request: GuardedRequest = {},
): Promise<Response> {
  const deadline = AbortSignal.timeout(request.timeout ?? TIMEOUT);
  const signal =
    request.signal === undefined ? deadline : AbortSignal.any([request.signal, deadline]);
  try {
    return await follow(network, parse(url), request, signal);
  } catch (error) {
    if (!deadline.aborted || request.signal?.aborted === true) throw error;
    throw new RefusedRequest(`${hostOf(url)} did not answer in time`, { cause: error });
  }
}

async function follow(
  network: Config["network"],
  first: URL,
  request: GuardedRequest,
  signal: AbortSignal,
): Promise<Response> {
  let url = first;
  let { method = "GET", headers = {}, body } = request;
  for (let left = request.redirects ?? REDIRECTS; ; left--) {
    const answer = await ask(network, url, { ...request, method, headers, body }, signal);
    const location = answer.headers.get("location");
    if (!REDIRECT.has(answer.status) || location === null) return answer;
    if (left <= 0) throw new RefusedRequest(`${first.host} redirects too often`);
    const next = URL.parse(location, url);
    if (next === null) throw new RefusedRequest(`${url.host} redirects to what is no URL`);
    // RFC 9110, 15.4: only 307 and 308 repeat the request.
    if (answer.status !== 307 && answer.status !== 308 && method !== "HEAD") {
      method = "GET";
      body = undefined;
    }
    // What was meant for one host is not told to another.
    if (next.origin !== url.origin) headers = {};
    url = next;
  }
}

const REDIRECT = new Set([301, 302, 303, 307, 308]);

async function ask(
  network: Config["network"],
  url: URL,
  request: GuardedRequest,
  signal: AbortSignal,
): Promise<Response> {
  check(network, url);
  const { address, family } = await resolve(network, url);
  signal.throwIfAborted();
  const send = url.protocol === "https:" ? requestHttps : requestHttp;
  const options: RequestOptions = {
    method: request.method,
    signal,
    agent: false,
    headers: {
      "user-agent": "wharf",
      ...request.headers,
      "accept-encoding": "identity",
      connection: "close",
      ...(request.body === undefined ? {} : { "content-length": Buffer.byteLength(request.body) }),
    },
    lookup: (_host, { all }, found) => {
      if (all === true) found(null, [{ address, family }]);
      else found(null, address, family);
    },
  };
  const { promise, resolve: answered, reject } = Promise.withResolvers<IncomingMessage>();
  const outgoing = send(url, options, answered);
  outgoing.on("error", reject);
  outgoing.end(request.body);
  try {
    return await read(await promise, url, request.maxBytes ?? MAX_BYTES);
  } finally {
    outgoing.destroy();
  }
}

async function read(incoming: IncomingMessage, url: URL, maxBytes: number): Promise<Response> {
  const tooLong = (): RefusedRequest =>
    new RefusedRequest(`the answer of ${url.host} is longer than ${maxBytes} bytes`);
  if (Number(incoming.headers["content-length"] ?? 0) > maxBytes) throw tooLong();
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of incoming) {
    const bytes = chunk as Uint8Array; // no encoding is set
    size += bytes.length;
    if (size > maxBytes) throw tooLong();
    chunks.push(bytes);
  }
  const headers = new Headers();
  for (const [name, values] of Object.entries(incoming.headersDistinct)) {
    for (const value of values ?? []) headers.append(name, value);
  }
  const status = incoming.statusCode ?? 0;
  if (status < 200 || status > 599) throw new RefusedRequest(`${url.host} answers with ${status}`);
  const hasBody = status !== 204 && status !== 205 && status !== 304;
  return new Response(hasBody ? Buffer.concat(chunks, size) : null, { status, headers });
}

function check({ allowPlainHttp }: Config["network"], url: URL): void {
  if (url.protocol !== "https:" && url.protocol !== "http:") {
    throw new RefusedRequest("only https:// URLs are fetched");
  }
  if (url.protocol === "http:" && !allowPlainHttp) {
    throw new RefusedRequest(
      `${url.host} would be reached without TLS; that needs network.allowPlainHttp`,
    );
  }
  if (url.username !== "" || url.password !== "") {
    throw new RefusedRequest("a URL with user and password is not fetched");
  }
}

/** The one address that the connection goes to. All that a name stands for must be allowed. */
async function resolve(
  network: Config["network"],
  { hostname }: URL,
): Promise<{ readonly address: string; readonly family: number }> {
  const host = hostname.startsWith("[") ? hostname.slice(1, -1) : hostname;
  const family = isIP(host);
  const addresses = family === 0 ? await lookup(host, { all: true }) : [{ address: host, family }];
  const [first] = addresses;
  if (first === undefined) throw new RefusedRequest(`${hostname} has no address`);
  if (addresses.every(({ address }) => mayReach(address, network))) return first;
  throw new RefusedRequest(
    `${hostname} is at an address that is not public; that needs network.allowedNetworks`,
  );
}

function parse(url: string | URL): URL {
  const parsed = typeof url === "string" ? URL.parse(url) : url;
  if (parsed === null) throw new RefusedRequest("what should be fetched is no URL");
  return parsed;
}

function hostOf(url: string | URL): string {
  return typeof url === "string" ? (URL.parse(url)?.host ?? "it") : url.host;
}
