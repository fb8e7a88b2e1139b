import * as endpoints from "@wharf/contract/endpoints";
import { serve } from "../../api/api-route.ts";
import type { ApiRoute } from "../../api/api-route.ts";
import { RegistryError } from "../../http/registry-error.ts";
import {
  findRepositoryPermission,
  listRepositoryPermissions,
  removeRepositoryPermission,
  setRepositoryPermission,
} from "../admin/repository-permissions.ts";
import type { RepositoryPermission } from "../admin/repository-permissions.ts";
import {
  findTeamPermission,
  listTeamPermissionsOf,
  removeTeamPermission,
  setTeamPermission,
} from "../admin/repository-team-permissions.ts";
import { listTransitivePermissions } from "../admin/transitive-permissions.ts";
import { avatarOf } from "../avatar.ts";
import type { TeamPermissionRow } from "../permission-store.ts";
import { idPage } from "./id-page.ts";

export const permissionRoutes: readonly ApiRoute[] = [
  serve(endpoints.listRepoUserPermissions, async ({ context, actor, repository, query }) => {
    const { administration } = context.accounts;
    const { entries, ...next } = await idPage(
      query,
      (page) => listRepositoryPermissions(administration, actor, repository.name, page),
      ({ id }) => id,
    );
    return { permissions: byName(entries.map(userPermissionOf)), ...next };
  }),
  serve(endpoints.getUserPermissions, async ({ context, actor, repository, path }) => {
    const wanted = { repository: repository.name, account: path.username };
    const found = await findRepositoryPermission(context.accounts.administration, actor, wanted);
    if (found === undefined) throw noRole(path.username, repository.name, "username");
    return userPermissionOf(found);
  }),
  serve(endpoints.changeUserPermissions, async ({ context, actor, repository, path, body }) => {
    const wanted = { repository: repository.name, account: path.username, role: body.role };
    return userPermissionOf(
      await setRepositoryPermission(context.accounts.administration, actor, wanted),
    );
  }),
  serve(endpoints.deleteUserPermissions, async ({ context, actor, repository, path }) => {
    const wanted = { repository: repository.name, account: path.username };
    const isGone = await removeRepositoryPermission(context.accounts.administration, actor, wanted);
    if (!isGone) throw noRole(path.username, repository.name, "username");
    return undefined;
  }),
  serve(endpoints.getUserTransitivePermission, async ({ context, actor, repository, path }) => {
    const wanted = { repository: repository.name, account: path.username };
    return {
      permissions: await listTransitivePermissions(context.accounts.administration, actor, wanted),
    };
  }),
  serve(endpoints.listRepoTeamPermissions, async ({ context, actor, repository, query }) => {
    const { administration } = context.accounts;
    const { entries, ...next } = await idPage(
      query,
      (page) => listTeamPermissionsOf(administration, actor, repository.name, page),
      ({ id }) => id,
    );
    return { permissions: byName(entries.map(teamPermissionOf)), ...next };
  }),
  serve(endpoints.getTeamPermissions, async ({ context, actor, repository, path }) => {
    const wanted = { repository: repository.name, team: path.teamname };
    const found = await findTeamPermission(context.accounts.administration, actor, wanted);
    if (found === undefined) throw noRole(path.teamname, repository.name, "teamname");
    return teamPermissionOf(found);
  }),
  serve(endpoints.changeTeamPermissions, async ({ context, actor, repository, path, body }) => {
    const wanted = { repository: repository.name, team: path.teamname, role: body.role };
    return teamPermissionOf(
      await setTeamPermission(context.accounts.administration, actor, wanted),
    );
  }),
  serve(endpoints.deleteTeamPermissions, async ({ context, actor, repository, path }) => {
    const wanted = { repository: repository.name, team: path.teamname };
    const isGone = await removeTeamPermission(context.accounts.administration, actor, wanted);
    if (!isGone) throw noRole(path.teamname, repository.name, "teamname");
    return undefined;
  }),
];

function userPermissionOf({ name, kind, role, isMember }: RepositoryPermission) {
  const isRobot = kind === "robot";
  return {
    name,
    role,
    is_robot: isRobot,
    avatar: avatarOf(name, isRobot ? "robot" : "user"),
    ...(isMember === undefined ? {} : { is_org_member: isMember }),
  };
}

function teamPermissionOf({ name, role }: TeamPermissionRow) {
  return { name, role, avatar: avatarOf(name, "team") };
}

function byName<T extends { readonly name: string }>(entries: readonly T[]): Record<string, T> {
  return Object.fromEntries(entries.map((entry) => [entry.name, entry]));
}

function noRole(name: string, repository: string, field: string): RegistryError {
  const shown = name.slice(0, 511);
  return new RegistryError("NOT_FOUND", `${shown} has no role of its own on ${repository}`, {
    detail: { field, value: shown },
  });
}
