import * as endpoints from "@wharf/contract/endpoints";
import { serve } from "../../api/api-route.ts";
import type { ApiRoute } from "../../api/api-route.ts";
import { RegistryError } from "../../http/registry-error.ts";
import { findAccountByName } from "../account-store.ts";
import { avatarOf } from "../avatar.ts";
import { isStillGood } from "../login.ts";
import { personOf } from "../person.ts";
import type { AccountPrincipal } from "../principal.ts";
import { beginSession } from "../users/begin-session.ts";
import { changeOwnAccount } from "../users/change-own-account.ts";
import { confirmEmail } from "../users/confirm-email.ts";
import { convertUser } from "../users/convert-user.ts";
import { deleteOwnAccount } from "../users/delete-own-account.ts";
import { initializeUser } from "../users/initialize-user.ts";
import { ownAccount } from "../users/own-account.ts";
import { recover, requestRecovery } from "../users/recover.ts";
import { registerUser } from "../users/register-user.ts";
import { makeClientKey } from "../users/show-password.ts";
import { ownAccountView } from "./own-account-view.ts";
import type { RegistryContext } from "../../context.ts";

export const accountRoutes: readonly ApiRoute[] = [
  serve(endpoints.getLoggedInUser, ({ actor, context }) => viewOf(context, personOf(actor))),

  serve(endpoints.changeUserDetails, async ({ actor, context, body, session }) => {
    const person = personOf(actor);
    await changeOwnAccount(context.accounts.administration, person, body, session?.uuid);
    return viewOf(context, person);
  }),

  serve(endpoints.createNewUser, async ({ context, body, exchange }) => {
    const registered = await registerUser(context, body, exchange);
    return registered.kind === "signed in"
      ? viewOf(context, registered.user)
      : ({ awaiting_verification: true } as const);
  }),

  serve(endpoints.deleteCurrentUser, async ({ actor, context }) => {
    await deleteOwnAccount(context.accounts.administration, personOf(actor));
    return undefined;
  }),

  serve(endpoints.initializeUser, async ({ context, body, exchange }) => {
    const token = await initializeUser(context, body, exchange);
    return {
      username: body.username,
      email: body.email ?? null,
      encrypted_password: body.password,
      ...(token === undefined ? {} : { access_token: token }),
    };
  }),

  serve(endpoints.getUserInformation, async ({ context, path: { username } }) => {
    const account = /^[a-z0-9._-]{1,255}$/.test(username)
      ? await findAccountByName(context.database.read, username)
      : undefined;
    if (account?.kind !== "user") {
      throw new RegistryError("NOT_FOUND", `there is no user ${username.slice(0, 255)}`);
    }
    const avatar = avatarOf(account.name, "user");
    return { anonymous: false, username: account.name, avatar } as const;
  }),

  serve(endpoints.generateUserClientKey, async ({ actor, context, body, exchange }) => {
    const shown = { user: personOf(actor), password: body.password };
    const { secret, uuid } = await makeClientKey(context, shown, exchange);
    return { key: secret, uuid };
  }),

  serve(endpoints.convertUserToOrganization, async (request) => {
    const { actor, context, body, exchange, session } = request;
    const admin = { name: body.adminUser, password: body.adminPassword };
    const login = await convertUser(context, personOf(actor), admin, exchange);
    // The browser goes on as who administrates the organization.
    if (session !== undefined && login.principal.kind === "account") {
      const proof = {
        service: login.service ?? null,
        isStillGood: isStillGood.bind(undefined, login),
      };
      await beginSession(context, login.principal, proof, exchange);
    }
    return { success: true } as const;
  }),

  serve(endpoints.confirmEmail, ({ context, body, exchange }) =>
    confirmEmail(context, body.code, exchange),
  ),

  serve(endpoints.requestRecoveryEmail, async ({ context, body, exchange }) => {
    await requestRecovery(context, body.email, exchange);
    return { status: "sent" } as const;
  }),

  serve(endpoints.confirmRecovery, async ({ context, body, exchange }) => ({
    username: await recover(context, body, exchange),
  })),
];

async function viewOf({ accounts }: RegistryContext, person: AccountPrincipal) {
  return ownAccountView(person, await ownAccount(accounts.administration, person));
}
