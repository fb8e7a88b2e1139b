import type { Administration } from "../../accounts/admin/administration.ts";
import { RegistryError } from "../../http/registry-error.ts";
import { findNamespaceOf } from "../repository-store.ts";
import { findTagWindow } from "../tag-store.ts";
import { findDeleted } from "./deleted-repository-store.ts";
import type { DeletedRepository } from "./deleted-repository-store.ts";

/**
 * A deleted repository that can be restored, and since when others cannot: for as long as tags of its namespace can be
 * taken back.
 *
 * @throws {RegistryError} `NOT_FOUND`
 */
export async function needDeleted(
  { database: { read }, config, now }: Pick<Administration, "config" | "database" | "now">,
  id: number,
): Promise<{ readonly repository: DeletedRepository; readonly since: number }> {
  const namespaceId = await findNamespaceOf(read, id);
  if (namespaceId === undefined) throw unknownDeleted();
  const since = now() - (await findTagWindow(read, namespaceId, config.collection.tagExpiration));
  const repository = await findDeleted(read, id, since);
  if (repository === undefined) throw unknownDeleted();
  return { repository, since };
}

export function unknownDeleted(): RegistryError {
  return new RegistryError("NOT_FOUND", "there is no such deleted repository that can be restored");
}
