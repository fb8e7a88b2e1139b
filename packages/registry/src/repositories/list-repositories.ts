import { namespaceOfRobot } from "../accounts/account-name.ts";
import type { Permissions } from "../accounts/permissions.ts";
import type { Principal } from "../accounts/principal.ts";
import type { Database } from "../database/database.ts";
import { listVisible } from "./repository-store.ts";
import type { ListedRepository, Viewer } from "./repository-store.ts";

export type { ListedRepository } from "./repository-store.ts";

export interface RepositoryPage {
  /** Names after this one, in the order of their bytes. */
  readonly after?: string;
  /** Most entries; the caller bounds it. */
  readonly limit: number;
  /** Part of the name. */
  readonly contains?: string;
  readonly namespace?: string;
}

/** Repositories that somebody may read, by name. Filters by rights, so there is nothing else to check. */
export async function listRepositories(
  { database, permissions }: { readonly database: Database; readonly permissions: Permissions },
  principal: Principal,
  page: RepositoryPage,
): Promise<ListedRepository[]> {
  const { after = "", contains = "", namespace, limit } = page;
  // No name has such characters, and PostgreSQL takes no NUL.
  if ([after, contains, namespace ?? ""].some((text) => /[\0\ud800-\udfff]/u.test(text))) return [];
  return listVisible(database.read, viewerOf(principal, permissions), {
    after,
    limit,
    contains: contains.toLowerCase(),
    namespace,
  });
}

function viewerOf(principal: Principal, permissions: Permissions): Viewer {
  const isPublic = permissions.seesPublic(principal);
  const nobody = { all: false, accountId: undefined, robotOf: undefined, repositoryId: undefined };
  switch (principal.kind) {
    case "anonymous":
      return { ...nobody, public: isPublic };
    case "repository":
      return { ...nobody, repositoryId: principal.repositoryId, public: isPublic };
    case "token":
      // One that is not for listing opens what it names, and tells nothing of the rest.
      if (!principal.catalog) return { ...nobody, public: isPublic };
  }
  return {
    all: principal.isSuperuser,
    accountId: principal.accountId,
    robotOf: namespaceOfRobot(principal.name),
    repositoryId: undefined,
    public: isPublic,
  };
}
