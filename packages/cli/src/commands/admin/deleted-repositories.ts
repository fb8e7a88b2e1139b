import { listDeletedRepositories, OPERATOR } from "@wharf/registry";
import type { ListedDeletedRepository, OpenAdministration } from "@wharf/registry";

import { allEntries } from "./all-entries.ts";

/** Those of a namespace that can be restored, the last deleted first. @throws {RegistryError} 404 */
export async function deletedRepositories(
  administration: OpenAdministration,
  name: string,
): Promise<ListedDeletedRepository[]> {
  const namespace = await administration.needNamespace(name);
  return allEntries(
    (before: { readonly deletedAt: number; readonly id: number } | undefined, limit) =>
      listDeletedRepositories(administration, OPERATOR, namespace.name, { before, limit }),
    ({ deletedAt, id }) => ({ deletedAt, id }),
  );
}
