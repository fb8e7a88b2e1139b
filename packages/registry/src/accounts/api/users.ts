import { MOST_ENTRIES } from "@wharf/contract";
import * as endpoints from "@wharf/contract/endpoints";
import { z } from "zod";
import { serve } from "../../api/api-route.ts";
import type { ApiRoute } from "../../api/api-route.ts";
import { decodeCursor, pageOf } from "../../api/cursor.ts";
import {
  changeUser,
  createUser,
  deleteUser,
  getUser,
  listUsers,
  sendRecovery,
} from "../admin/users.ts";
import type { User } from "../admin/users.ts";
import { avatarOf } from "../avatar.ts";
import { randomText } from "../secret.ts";

/** 160 random bits. */
const MADE_UP_LENGTH = 32;

const Cursor = z.string().max(255);

export const userRoutes: readonly ApiRoute[] = [
  serve(endpoints.listAllUsers, async ({ actor, context, query }) => {
    const { limit = MOST_ENTRIES } = query;
    const rows = await listUsers(context.accounts.administration, actor, {
      after: decodeCursor(query.next_page, Cursor) ?? "",
      limit: limit + 1,
      enabled: query.disabled === false,
    });
    const { entries, next_page } = pageOf(rows, limit, ({ name }) => name);
    return { users: entries.map(userView), next_page };
  }),

  serve(endpoints.createInstallUser, async ({ actor, context, body }) => {
    const { username, email = null, superuser } = body;
    const password = body.password ?? randomText(MADE_UP_LENGTH);
    await createUser(context.accounts.administration, actor, {
      name: username,
      nameField: "username",
      password,
      email: email ?? undefined,
      superuser,
    });
    return { username, email, password, encrypted_password: password };
  }),

  serve(endpoints.getInstallUser, async ({ actor, context, path }) =>
    userView(await getUser(context.accounts.administration, actor, path.username)),
  ),

  serve(endpoints.changeInstallUser, async ({ actor, context, path, body }) => {
    const { administration } = context.accounts;
    await changeUser(administration, actor, path.username, body);
    const user = userView(await getUser(administration, actor, path.username));
    return body.password === undefined ? user : { ...user, encrypted_password: body.password };
  }),

  serve(endpoints.deleteInstallUser, async ({ actor, context, path }) => {
    await deleteUser(context.accounts.administration, actor, path.username);
    return undefined;
  }),

  serve(endpoints.sendInstallUserRecoveryEmail, async ({ actor, context, path }) => ({
    email: await sendRecovery(context.accounts.administration, actor, path.username),
  })),

  serve(endpoints.sendUserRecoveryEmail, async ({ actor, context, path }) => ({
    email: await sendRecovery(context.accounts.administration, actor, path.username),
  })),
];

function userView(user: User) {
  return {
    kind: "user",
    name: user.name,
    username: user.name,
    email: user.email,
    verified: user.verified === 1,
    avatar: avatarOf(user.name, "user"),
    super_user: user.superuser === 1,
    enabled: user.enabled === 1,
    created: new Date(user.created_at).toISOString(),
    last_accessed: user.last_used_at === null ? null : new Date(user.last_used_at).toISOString(),
  } as const;
}
