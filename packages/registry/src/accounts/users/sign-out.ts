import { recordAudit } from "../../audit/record-audit.ts";
import type { RegistryContext } from "../../context.ts";
import type { Exchange } from "../../http/exchange.ts";
import { originOf } from "../caller.ts";
import { deleteSession } from "../session-store.ts";
import { sessionCookie } from "../session-cookie.ts";
import type { Session } from "../sessions.ts";

/** Ends the session of this browser, if there is one, and takes its cookie away. */
export async function signOut(
  { database, config, now }: RegistryContext,
  session: Session | undefined,
  exchange: Exchange,
): Promise<void> {
  exchange.response.setHeader("Set-Cookie", sessionCookie(exchange, "", 0));
  if (session === undefined) return;
  const user = { ...session.principal, from: originOf(exchange) };
  const isAudited = /^(?:successes|all)$/.test(config.accounts.auditSignIns);
  await database.transaction(async (trx) => {
    await deleteSession(trx, user.accountId, session.uuid);
    if (!isAudited) return;
    const namespace = { id: user.accountId, name: user.name };
    await recordAudit(trx, user, { kind: "logout_success", namespace }, now());
  });
}
