import { MOST_ENTRIES } from "@wharf/contract";
import * as endpoints from "@wharf/contract/endpoints";
import { serve } from "../../api/api-route.ts";
import type { ApiRoute } from "../../api/api-route.ts";
import type { RegistryContext } from "../../context.ts";
import { RegistryError } from "../../http/registry-error.ts";
import { personOf } from "../person.ts";
import type { AccountPrincipal } from "../principal.ts";
import { acceptInvitation } from "../teams/team-invitations.ts";
import { verifyPassword } from "../users/show-password.ts";
import { signIn } from "../users/sign-in.ts";
import { signOut } from "../users/sign-out.ts";

export const sessionRoutes: readonly ApiRoute[] = [
  serve(endpoints.signinUser, async ({ context, body, exchange }) => {
    const { user, session } = await signIn(context, body, exchange);
    if (body.invite_code !== undefined) await join(context, user, body.invite_code);
    return { success: true, csrf_token: session.csrfToken } as const;
  }),

  serve(endpoints.verifyUser, async ({ actor, context, body, session, exchange }) => {
    const shown = { user: personOf(actor), password: body.password };
    await verifyPassword(context, shown, session, exchange);
    return { success: true } as const;
  }),

  serve(endpoints.logout, async ({ context, session, exchange }) => {
    await signOut(context, session, exchange);
    return { success: true } as const;
  }),

  serve(endpoints.listUserSessions, async ({ actor, context, session }) => {
    const { accountId } = personOf(actor);
    const sessions = await context.accounts.sessions.list(accountId, MOST_ENTRIES);
    return {
      sessions: sessions.map((row) => ({
        uuid: row.uuid,
        current: row.uuid === session?.uuid,
        created: timestamp(row.created_at),
        last_seen: timestamp(row.seen_at),
        expiration: timestamp(row.expires_at),
        service: row.service,
        ip: row.address,
        user_agent: row.user_agent,
      })),
    };
  }),

  serve(endpoints.endOtherUserSessions, async ({ actor, context, session }) => {
    await context.accounts.sessions.endAll(personOf(actor).accountId, session?.uuid);
    return undefined;
  }),

  serve(endpoints.endUserSession, async ({ actor, context, path: { uuid } }) => {
    if (await context.accounts.sessions.end(personOf(actor).accountId, uuid)) return undefined;
    throw new RegistryError("NOT_FOUND", `there is no session ${uuid.slice(0, 36)}`);
  }),
];

/** They are signed in whatever the code is worth, as in Quay. */
async function join(
  { accounts }: RegistryContext,
  user: AccountPrincipal,
  code: string,
): Promise<void> {
  try {
    await acceptInvitation(accounts.administration, user, code);
  } catch (error) {
    if (!(error instanceof RegistryError)) throw error;
  }
}

function timestamp(time: number): string {
  return new Date(time).toISOString();
}
