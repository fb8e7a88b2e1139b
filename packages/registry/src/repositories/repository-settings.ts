import type { AuditKind } from "@wharf/contract";
import { unknownRepository } from "../accounts/admin/actor.ts";
import type { Actor } from "../accounts/admin/actor.ts";
import type { Administration } from "../accounts/admin/administration.ts";
import { recordAudit } from "../audit/record-audit.ts";
import { RegistryError } from "../http/registry-error.ts";
import { shortName } from "./make-repository.ts";
import type { Repository } from "./repository.ts";
import { updateRepository } from "./repository-store.ts";
import { putTerms } from "./repository-term-store.ts";

/** Settings to change; what is left out stays. */
export interface RepositorySettings {
  readonly visibility?: Repository["visibility"] | undefined;
  readonly state?: Repository["state"] | undefined;
  /** Markdown. */
  readonly description?: string | undefined;
  /** Squashed images are made when an image is pushed. */
  readonly squashAtPush?: boolean | undefined;
  /** How the layer of a squashed image is pulled. */
  readonly squashCompression?: Repository["squashCompression"] | undefined;
}

const LONGEST_DESCRIPTION = 65_536;

/**
 * Changes settings of a repository. Whoever may push may describe it; everything else needs the role admin.
 *
 * @returns the repository as it is now
 * @throws {RegistryError} `DENIED`, `NAME_UNKNOWN`, `PARAMETER_INVALID`
 */
export async function changeRepository(
  { database, rights, findRepository, now }: Administration,
  actor: Actor,
  name: string,
  settings: RepositorySettings,
): Promise<Repository> {
  const repository = await findRepository(name);
  if (repository === undefined) throw unknownRepository(name);
  const { description, ...rest } = settings;
  const isMore = Object.values(rest).some((value) => value !== undefined);
  await rights.require(actor, "repository.describe", { repository });
  if (isMore) await rights.require(actor, "repository.admin", { repository });
  const values = toColumns(settings);
  if (Object.keys(values).length > 0) {
    const isThere = await database.transaction(async (trx) => {
      if (!(await updateRepository(trx, repository.id, values))) return false;
      if (description !== undefined) await putTerms(trx, { ...repository, description });
      for (const { kind, facts } of deedsOf(settings)) {
        const metadata = { repo: shortName(repository), namespace: repository.namespace, ...facts };
        await recordAudit(trx, actor, { kind, repository, metadata }, now());
      }
      return true;
    });
    if (!isThere) throw unknownRepository(name);
  }
  return (await findRepository(name)) ?? repository;
}

function toColumns(settings: RepositorySettings): Parameters<typeof updateRepository>[2] {
  const { visibility, state, description, squashAtPush, squashCompression } = settings;
  if (
    description !== undefined &&
    (description.length > LONGEST_DESCRIPTION || description.includes("\0"))
  ) {
    throw new RegistryError(
      "PARAMETER_INVALID",
      `description must have at most ${LONGEST_DESCRIPTION} characters`,
      { detail: { field: "description" } },
    );
  }
  return {
    ...(visibility === undefined ? {} : { visibility }),
    ...(state === undefined ? {} : { state }),
    ...(description === undefined ? {} : { description }),
    ...(squashAtPush === undefined ? {} : { squash_at_push: squashAtPush ? 1 : 0 }),
    ...(squashCompression === undefined ? {} : { squash_compression: squashCompression }),
  };
}

/** Most of a description that the audit log keeps, in characters. */
const LONGEST_AUDITED = 1024;

/** Each as the audit log has a kind of its own for it. */
function deedsOf(
  settings: RepositorySettings,
): readonly { readonly kind: AuditKind; readonly facts: Readonly<Record<string, unknown>> }[] {
  const { visibility, state, description, squashAtPush, squashCompression } = settings;
  const squash = {
    ...(squashAtPush === undefined ? {} : { squash_at_push: squashAtPush }),
    ...(squashCompression === undefined ? {} : { squash_compression: squashCompression }),
  };
  return [
    ...(visibility === undefined
      ? []
      : [{ kind: "change_repo_visibility" as const, facts: { visibility } }]),
    ...(state === undefined
      ? []
      : [{ kind: "change_repo_state" as const, facts: { state_changed: stateName(state) } }]),
    ...(description === undefined
      ? []
      : [
          {
            kind: "set_repo_description" as const,
            facts: { description: description.slice(0, LONGEST_AUDITED) },
          },
        ]),
    ...(Object.keys(squash).length === 0
      ? []
      : [{ kind: "change_repo_settings" as const, facts: squash }]),
  ];
}

/** As Quay writes it. */
export function stateName(state: Repository["state"]): "NORMAL" | "READ_ONLY" {
  return state === "normal" ? "NORMAL" : "READ_ONLY";
}
