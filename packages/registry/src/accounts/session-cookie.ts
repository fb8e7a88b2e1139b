import type { Caller } from "./caller.ts";

/** Over TLS the prefix binds it to this very host (RFC 6265bis, 4.1.3.2). */
const NAMES = { https: "__Host-wharf_session", http: "wharf_session" } as const;

function nameFor({ origin }: Pick<Caller, "origin">): string {
  return origin.startsWith("https:") ? NAMES.https : NAMES.http;
}

/** The value of the session's cookie, when the request has one. */
export function readSessionCookie(caller: Caller): string | undefined {
  const name = nameFor(caller);
  for (const pair of (caller.header("cookie") ?? "").split(";")) {
    const equals = pair.indexOf("=");
    if (equals > 0 && pair.slice(0, equals).trim() === name) return pair.slice(equals + 1).trim();
  }
  return undefined;
}

/**
 * The value of `Set-Cookie` that begins a session. `Lax`: the links of mails and the way back from an OIDC provider come
 * with the cookie, foreign forms and scripts do not.
 *
 * @param life in milliseconds; 0 ends the session in the browser
 */
export function sessionCookie(caller: Pick<Caller, "origin">, value: string, life: number): string {
  const secure = caller.origin.startsWith("https:") ? "; Secure" : "";
  const age = Math.floor(life / 1000);
  return `${nameFor(caller)}=${value}; Path=/; HttpOnly; SameSite=Lax; Max-Age=${age}${secure}`;
}
