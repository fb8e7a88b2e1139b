import * as endpoints from "@wharf/contract/endpoints";
import { z } from "zod";
import { serve } from "../../api/api-route.ts";
import type { ApiRoute } from "../../api/api-route.ts";
import { decodeCursor, pageOf } from "../../api/cursor.ts";
import { avatarOf } from "../avatar.ts";
import {
  changePrototype,
  createPrototype,
  deletePrototype,
  listPrototypes,
} from "../organizations/prototypes.ts";
import type { Prototype, PrototypeUser } from "../organizations/prototypes.ts";

/** Entries for whoever asks for no page: Quay's automation knows none here, and takes what comes for everything. */
const UNPAGED = 1000;

const Cursor = z.tuple([z.int().min(0), z.string().max(36)]);

export const prototypeRoutes: readonly ApiRoute[] = [
  serve(
    endpoints.getOrganizationPrototypePermissions,
    async ({ context, actor, namespace, query }) => {
      const limit = query.limit ?? UNPAGED;
      const after = decodeCursor(query.next_page, Cursor) ?? ([0, ""] as const);
      const page = { after, limit: limit + 1 };
      const { administration } = context.accounts;
      const found = await listPrototypes(administration, actor, namespace.name, page);
      const { entries, ...next } = pageOf(found, limit, ({ createdAt, id }) => [createdAt, id]);
      return { prototypes: entries.map(prototypeOf), ...next };
    },
  ),
  serve(
    endpoints.createOrganizationPrototypePermission,
    async ({ context, actor, namespace, body }) => {
      const { role, delegate, activating_user: activating } = body;
      // Quay takes an empty name for none.
      const name = activating?.name === "" ? undefined : activating?.name;
      const wanted = { role, delegate, activating: name };
      const { administration } = context.accounts;
      return prototypeOf(await createPrototype(administration, actor, namespace.name, wanted));
    },
  ),
  serve(
    endpoints.updateOrganizationPrototypePermission,
    async ({ context, actor, namespace, path, body }) => {
      const change = { id: path.prototypeid, role: body.role };
      const { administration } = context.accounts;
      return prototypeOf(await changePrototype(administration, actor, namespace.name, change));
    },
  ),
  serve(
    endpoints.deleteOrganizationPrototypePermission,
    async ({ context, actor, namespace, path }) => {
      const { administration } = context.accounts;
      await deletePrototype(administration, actor, namespace.name, path.prototypeid);
      return undefined;
    },
  ),
];

function prototypeOf({ id, role, activating, delegate }: Prototype) {
  return {
    id,
    role,
    activating_user: activating === undefined ? null : userOf(activating),
    delegate:
      delegate.kind === "user"
        ? userOf(delegate)
        : { name: delegate.name, kind: "team" as const, avatar: avatarOf(delegate.name, "team") },
  };
}

function userOf({ name, isRobot, isMember }: PrototypeUser) {
  return {
    name,
    kind: "user" as const,
    is_robot: isRobot,
    is_org_member: isMember,
    avatar: avatarOf(name, isRobot ? "robot" : "user"),
  };
}
