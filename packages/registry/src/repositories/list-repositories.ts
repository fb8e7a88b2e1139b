import { namespaceOfRobot } from "../accounts/account-name.ts";
import type { Permissions } from "../accounts/permissions.ts";
import type { Principal } from "../accounts/principal.ts";
import type { Database } from "../database/database.ts";
import { searchWords } from "./repository-terms.ts";
import { listVisible } from "./visible-repository-store.ts";
import type { ListedRepository, Viewer, VisibleOrder } from "./visible-repository-store.ts";

export type { ListedRepository } from "./visible-repository-store.ts";

export interface RepositoryPage {
  /** Names after this one, in the order of their bytes. */
  readonly after?: string;
  /** Instead of names: the last pushed first, before what the page before ended with. */
  readonly byPush?: {
    readonly before: { readonly pushedAt: number; readonly id: number } | undefined;
  };
  /** Most entries; the caller bounds it. */
  readonly limit: number;
  /** Words of which each must be part of the name or the beginning of a word of the description. */
  readonly contains?: string;
  readonly namespace?: string | undefined;
  /** Only what this account has starred. */
  readonly starredBy?: number | undefined;
  /** False: without public repositories that were not given to them. */
  readonly public?: boolean;
}

/** Repositories that somebody may read. Filters by rights, so there is nothing else to check. */
export async function listRepositories(
  { database, permissions }: { readonly database: Database; readonly permissions: Permissions },
  principal: Principal,
  page: RepositoryPage,
): Promise<ListedRepository[]> {
  const { after = "", contains = "", namespace, limit } = page;
  // No name has such characters, and PostgreSQL takes no NUL.
  if ([after, contains, namespace ?? ""].some((text) => /[\0\ud800-\udfff]/u.test(text))) return [];
  const viewer = viewerOf(principal, permissions);
  const order: VisibleOrder =
    page.byPush === undefined ? { by: "name", after } : { by: "push", ...page.byPush };
  return listVisible(
    database.read,
    { ...viewer, public: viewer.public && page.public !== false },
    { limit, namespace, words: searchWords(contains), starredBy: page.starredBy, order },
  );
}

/** The same as `Permissions.roleOn`, for all repositories at once. */
function viewerOf(principal: Principal, permissions: Permissions): Viewer {
  const isPublic = permissions.seesPublic(principal);
  const nobody = {
    all: false,
    accountId: undefined,
    robotOf: undefined,
    only: undefined,
    repositoryId: undefined,
    public: isPublic,
  };
  switch (principal.kind) {
    case "anonymous":
      return nobody;
    case "repository":
      return { ...nobody, repositoryId: principal.repositoryId };
    case "token":
      // One that is not for listing opens what it names, and tells nothing of the rest.
      if (!principal.catalog) return nobody;
      return {
        ...nobody,
        all: principal.isSuperuser,
        accountId: principal.accountId,
        robotOf: namespaceOfRobot(principal.name),
      };
  }
  const { accountId, name, scopes, repositories } = principal;
  // Without the scope it is as if nothing had been given to the account.
  if (scopes?.has("repo:read") === false) return nobody;
  return {
    ...nobody,
    all: principal.isSuperuser,
    accountId,
    robotOf: namespaceOfRobot(name),
    only: repositories,
  };
}
