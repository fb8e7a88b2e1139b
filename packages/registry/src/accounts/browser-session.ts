import type { Exchange } from "../http/exchange.ts";
import { readSessionCookie, sessionCookie } from "./session-cookie.ts";
import type { Session, Sessions } from "./sessions.ts";

/** The session that a browser has here, by its cookie; the answer makes the cookie live as long as the session. */
export async function browserSession(
  sessions: Sessions,
  exchange: Exchange,
): Promise<Session | undefined> {
  const cookie = readSessionCookie(exchange);
  const session = cookie === undefined ? undefined : await sessions.find(cookie);
  if (cookie !== undefined && session?.isRenewed === true) {
    const renewed = sessionCookie(exchange, cookie, sessions.life);
    exchange.response.setHeader("Set-Cookie", renewed);
  }
  return session;
}
