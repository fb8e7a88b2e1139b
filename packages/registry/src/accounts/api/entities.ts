import * as endpoints from "@wharf/contract/endpoints";
import { serve } from "../../api/api-route.ts";
import type { ApiRoute } from "../../api/api-route.ts";
import { avatarOf } from "../avatar.ts";
import { findEntities } from "../find-entities.ts";
import type { Entity } from "../find-entities.ts";

export const entityRoutes: readonly ApiRoute[] = [
  serve(endpoints.getMatchingEntities, async ({ context, actor, path, query }) => {
    const found = await findEntities(context.accounts.administration, actor, {
      prefix: path.prefix,
      namespace: query.namespace,
      teams: query.includeTeams ?? false,
      organizations: query.includeOrgs ?? false,
      robots: query.robots ?? true,
    });
    return { results: found.map(entityOf) };
  }),
];

function entityOf({ name, kind, isMember }: Entity) {
  const member = isMember === undefined ? {} : { is_org_member: isMember };
  switch (kind) {
    case "team":
      return { name, kind, ...member, avatar: avatarOf(name, "team") };
    case "organization":
      return { name, kind: "org" as const, ...member, avatar: avatarOf(name, "org") };
    case "user":
    case "robot": {
      const isRobot = kind === "robot";
      return {
        name,
        kind: "user" as const,
        is_robot: isRobot,
        ...member,
        avatar: avatarOf(name, kind),
      };
    }
  }
}
