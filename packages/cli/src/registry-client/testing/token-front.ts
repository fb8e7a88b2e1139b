import { randomUUID } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import { text } from "node:stream/consumers";

import { passOn } from "./pass-on.ts";
import { USER } from "./start-registry.ts";
import { startServer, type TestServer } from "./start-server.ts";

/** A registry that wants bearer tokens (distribution `docs/spec/auth/token.md`), and the server that gives them. */
export interface TokenFront extends TestServer {
  /** Every token that was asked for, with its scopes and how. */
  readonly tokens: readonly {
    scopes: readonly string[];
    grant: "anonymous" | "password" | "refresh";
  }[];
  /** Makes all tokens given so far worthless. */
  revoke(): void;
}

/** What the token server takes instead of a password. */
export const IDENTITY_TOKEN = "identity-of-tester";

/**
 * Puts token authentication before an open registry. The user of the tests may do everything, everybody may pull from
 * repositories below `public/`.
 *
 * @param behind host and port of the open registry
 */
export async function startTokenFront(behind: string): Promise<TokenFront> {
  const valid = new Map<string, readonly string[]>();
  const tokens: { scopes: readonly string[]; grant: "anonymous" | "password" | "refresh" }[] = [];

  const giveToken = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const body = new URLSearchParams(await text(request));
    const query = new URL(request.url ?? "", "http://front").searchParams;
    const basic = Buffer.from(
      request.headers.authorization?.replace(/^Basic /, "") ?? "",
      "base64",
    ).toString();
    const isRefresh = request.method === "POST" && body.get("refresh_token") === IDENTITY_TOKEN;
    const isPassword = basic === `${USER.username}:${USER.password}`;
    if ((request.method === "POST" && !isRefresh) || (basic !== "" && !isPassword)) {
      response.writeHead(401).end();
      return;
    }
    const wanted = (
      request.method === "POST" ? (body.get("scope") ?? "").split(" ") : query.getAll("scope")
    ).filter(Boolean);
    const known = isRefresh || isPassword;
    const scopes = known
      ? wanted
      : wanted.filter((scope) => /^repository:public\/.*:pull$/.test(scope));
    const token = randomUUID();
    valid.set(token, scopes);
    tokens.push({
      scopes: wanted,
      grant: isRefresh ? "refresh" : isPassword ? "password" : "anonymous",
    });
    response.setHeader("content-type", "application/json");
    response.end(JSON.stringify(isRefresh ? { access_token: token, expires_in: 300 } : { token }));
  };

  const front = await startServer(async (request, response) => {
    if (request.url?.startsWith("/token") === true) return await giveToken(request, response);
    const needed = scopesNeeded(request);
    const granted = valid.get(request.headers.authorization?.replace(/^Bearer /, "") ?? "");
    if (
      granted !== undefined &&
      needed.every((scope) => granted.some((have) => covers(have, scope)))
    ) {
      return await passOn(behind, request, response);
    }
    const scope = needed.length === 0 ? "" : `,scope="${needed.join(" ")}"`;
    const challenge = `Bearer realm="http://${request.headers.host}/token",service="token-front"${scope}`;
    response.writeHead(401, { "www-authenticate": challenge, connection: "close" });
    response.end(
      JSON.stringify({ errors: [{ code: "UNAUTHORIZED", message: "authentication required" }] }),
    );
  });
  return { ...front, tokens, revoke: () => valid.clear() };
}

function scopesNeeded({ url = "", method }: IncomingMessage): string[] {
  const { pathname, searchParams } = new URL(url, "http://front");
  const repository = /^\/v2\/(.+)\/(?:blobs|manifests|tags)\//.exec(pathname)?.[1];
  if (repository === undefined) return [];
  const reads = method === "GET" || method === "HEAD";
  const from = searchParams.get("from");
  return [
    `repository:${repository}:${reads ? "pull" : "pull,push"}`,
    ...(from === null ? [] : [`repository:${from}:pull`]),
  ];
}

function covers(have: string, needed: string): boolean {
  const [, haveName, haveActions = ""] = have.split(":");
  const [, name, actions = ""] = needed.split(":");
  return (
    haveName === name &&
    actions.split(",").every((action) => haveActions.split(",").includes(action))
  );
}
