import { recordAudit } from "../../audit/record-audit.ts";
import type { RegistryContext } from "../../context.ts";
import type { Exchange } from "../../http/exchange.ts";
import type { AccountRow } from "../account-store.ts";
import { browserSession } from "../browser-session.ts";
import { originOf } from "../caller.ts";
import type { AccountPrincipal } from "../principal.ts";
import { sessionCookie } from "../session-cookie.ts";
import type { BegunSession } from "../sessions.ts";

/** How it was shown who they are. */
export interface Proof {
  /** Service that vouched for them, such as `ldap`; null: a password of ours. */
  readonly service: string | null;
  /** Looks at the locked account once more. */
  readonly isStillGood?: (account: AccountRow) => boolean;
}

/**
 * Signs in, on this browser, a user who has just shown who they are: the answer sets the cookie, and a session that the
 * browser had before ends, whoever's it was.
 *
 * @returns undefined when the account may not sign in, or not any more
 */
export async function beginSession(
  { accounts, config, now }: RegistryContext,
  user: AccountPrincipal,
  { service, isStillGood }: Proof,
  exchange: Exchange,
): Promise<BegunSession | undefined> {
  const from = originOf(exchange);
  const replaced = await browserSession(accounts.sessions, exchange);
  const isAudited = /^(?:successes|all)$/.test(config.accounts.auditSignIns);
  const begun = await accounts.sessions.begin(user.accountId, from, service, {
    ...(isStillGood === undefined ? {} : { isStillGood }),
    replaces: replaced?.uuid,
    also: async (trx) => {
      if (!isAudited) return;
      const deed = {
        kind: "login_success",
        namespace: { id: user.accountId, name: user.name },
        metadata: { type: service ?? "password", useragent: from.userAgent ?? null },
      } as const;
      await recordAudit(trx, { ...user, from }, deed, now());
    },
  });
  if (begun === undefined) return undefined;
  const cookie = sessionCookie(exchange, begun.cookie, begun.life);
  exchange.response.setHeader("Set-Cookie", cookie);
  return begun;
}
