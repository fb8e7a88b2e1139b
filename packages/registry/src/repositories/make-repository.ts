import type { Transaction } from "kysely";
import type { AccountRow } from "../accounts/account-store.ts";
import { actorName } from "../accounts/admin/actor.ts";
import type { Actor } from "../accounts/admin/actor.ts";
import { grantDefaultPermissions } from "../accounts/default-permissions.ts";
import { accountIdOf } from "../accounts/principal.ts";
import { recordAudit } from "../audit/record-audit.ts";
import type { Tables } from "../database/tables.ts";
import { recordEvent } from "../events/record-event.ts";
import type { RepositoryName } from "./repository-name.ts";
import { insertRepository } from "./repository-store.ts";
import { insertTerms } from "./repository-term-store.ts";
import type { Repository } from "./repository.ts";

/** A repository to be. */
export interface NewRepository {
  readonly name: RepositoryName;
  readonly namespace: Pick<AccountRow, "id" | "name" | "kind">;
  readonly visibility: Repository["visibility"];
  /** Markdown. */
  readonly description: string;
}

/**
 * Makes a repository with all that it begins with, whoever asks for it and how: permissions, what it is found by, an
 * event and an entry of the audit log. Looks at no rights.
 *
 * @param now milliseconds since 1970
 * @returns undefined when there is one of that name
 */
export async function makeRepository(
  trx: Transaction<Tables>,
  actor: Actor,
  { name, namespace, visibility, description }: NewRepository,
  now: number,
): Promise<Repository | undefined> {
  const made = await insertRepository(trx, {
    name,
    namespaceId: namespace.id,
    visibility,
    description,
    createdAt: now,
  });
  if (made === undefined) return undefined;
  await insertTerms(trx, { id: made.id, name, description });
  await grantDefaultPermissions(trx, {
    repositoryId: made.id,
    namespaceId: namespace.id,
    namespaceKind: namespace.kind,
    creatorId: actor.kind === "operator" ? undefined : accountIdOf(actor),
  });
  const by = actorName(actor);
  await recordEvent(trx, "repository.created", {
    repositoryId: made.id,
    repository: name,
    ...(by === undefined ? {} : { by }),
  });
  const metadata = { repo: shortName(made), namespace: made.namespace };
  await recordAudit(trx, actor, { kind: "create_repo", repository: made, metadata }, now);
  return made;
}

/** Its name without the namespace, as Quay writes names. */
export function shortName({ name, namespace }: Pick<Repository, "name" | "namespace">): string {
  return name.slice(namespace.length + 1);
}
