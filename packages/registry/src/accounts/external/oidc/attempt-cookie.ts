import type { Caller } from "../../caller.ts";
import { ATTEMPT_LIFE } from "./login-attempt.ts";

/** Over TLS the prefix binds it to this very host (RFC 6265bis, 4.1.3.2). */
function nameFor({ origin }: Pick<Caller, "origin">, service: string): string {
  const name = `wharf_login_${service}`;
  return origin.startsWith("https:") ? `__Host-${name}` : name;
}

/** The sign-in that the browser has begun with a service. */
export function readAttemptCookie(caller: Caller, service: string): string | undefined {
  const name = nameFor(caller, service);
  for (const pair of (caller.header("cookie") ?? "").split(";")) {
    const equals = pair.indexOf("=");
    if (equals > 0 && pair.slice(0, equals).trim() === name) return pair.slice(equals + 1).trim();
  }
  return undefined;
}

/**
 * The value of `Set-Cookie`. `Lax`: the way back from the service is a link from another site.
 *
 * @param value undefined takes it away: a sign-in is finished once
 */
export function attemptCookie(
  caller: Pick<Caller, "origin">,
  service: string,
  value: string | undefined,
): string {
  const secure = caller.origin.startsWith("https:") ? "; Secure" : "";
  const age = value === undefined ? 0 : ATTEMPT_LIFE / 1000;
  return `${nameFor(caller, service)}=${value ?? ""}; Path=/; HttpOnly; SameSite=Lax; Max-Age=${age}${secure}`;
}
