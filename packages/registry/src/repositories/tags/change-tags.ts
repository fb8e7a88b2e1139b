// Long because it is one thing: many operations on tags in one request.
import type { Transaction } from "kysely";
import type { Actor } from "../../accounts/admin/actor.ts";
import type { Tables } from "../../database/tables.ts";
import type { ErrorCode } from "../../http/error-table.ts";
import { RegistryError } from "../../http/registry-error.ts";
import type { Repository } from "../repository.ts";
import { attempt } from "./attempt.ts";
import { changeTagIn, unknownTag } from "./change-tag.ts";
import type { TagOutcome } from "./change-tag.ts";
import { deleteTagIn } from "./delete-tag.ts";
import { forgetImageIn } from "./forget-image.ts";
import { restoreTagIn } from "./restore-tag.ts";
import type { TagAdministration } from "./tag-administration.ts";

/** One thing to do to one tag. Times are milliseconds since 1970. */
export type TagOperation = { readonly tag: string } & (
  | { readonly action: "add" | "move" | "restore"; readonly digest: string }
  | { readonly action: "delete" }
  | { readonly action: "expire"; readonly expiresAt: number | null }
  | { readonly action: "immutable"; readonly isImmutable: boolean }
  | {
      readonly action: "permanent";
      readonly digest: string;
      readonly isAlive: boolean;
      readonly withChildren: boolean;
    }
);

/** What became of an operation. */
export type TagResult =
  | { readonly operation: TagOperation; readonly outcome: TagOutcome }
  | { readonly operation: TagOperation; readonly refusal: RegistryError };

/** Operations of one transaction: others get in between. */
const CHUNK = 100;

/**
 * Does many things to tags, in the given order. What is refused does not stop the rest, unless it is all or nothing:
 * then everything happens in one transaction, and the first refusal undoes it.
 *
 * @throws {RegistryError} as `Rights.require`; all or nothing: the first refusal, its detail tells which operation
 */
export async function changeTags(
  administration: TagAdministration,
  actor: Actor,
  repository: Repository,
  operations: readonly TagOperation[],
  { allOrNothing = false, signal }: { allOrNothing?: boolean; signal?: AbortSignal } = {},
): Promise<TagResult[]> {
  const { database, rights, now } = administration;
  await rights.require(actor, "repository.write", { repository });
  const lifting = await refusalOfLifting(administration, actor, repository, operations);
  if (allOrNothing) {
    return database.transaction(async (trx) => {
      const results: TagResult[] = [];
      for (const [index, operation] of operations.entries()) {
        const result = await resultOf(trx, actor, repository, operation, lifting, now());
        if ("refusal" in result) throw ofOperation(result.refusal, index, operation);
        results.push(result);
      }
      return results;
    });
  }
  const results: TagResult[] = [];
  for (let at = 0; at < operations.length; at += CHUNK) {
    signal?.throwIfAborted();
    const chunk = operations.slice(at, at + CHUNK);
    const done = await database.transaction(async (trx) => {
      const some: TagResult[] = [];
      for (const operation of chunk) {
        some.push(await resultOf(trx, actor, repository, operation, lifting, now()));
      }
      return some;
    });
    results.push(...done);
  }
  return results;
}

/** Only admins lift protections; asked once, as rights are not asked inside of transactions. */
async function refusalOfLifting(
  { rights }: TagAdministration,
  actor: Actor,
  repository: Repository,
  operations: readonly TagOperation[],
): Promise<RegistryError | undefined> {
  const lifts = operations.some(
    (operation) => operation.action === "immutable" && !operation.isImmutable,
  );
  if (!lifts) return undefined;
  try {
    await rights.require(actor, "repository.admin", { repository });
    return undefined;
  } catch (error) {
    if (error instanceof RegistryError) return error;
    throw error;
  }
}

async function resultOf(
  trx: Transaction<Tables>,
  actor: Actor,
  repository: Repository,
  operation: TagOperation,
  lifting: RegistryError | undefined,
  now: number,
): Promise<TagResult> {
  const done = await attempt(trx, () => perform(trx, actor, repository, operation, lifting, now));
  return done instanceof RegistryError
    ? { operation, refusal: done }
    : { operation, outcome: done };
}

async function perform(
  trx: Transaction<Tables>,
  actor: Actor,
  repository: Repository,
  operation: TagOperation,
  lifting: RegistryError | undefined,
  now: number,
): Promise<TagOutcome> {
  const { tag } = operation;
  switch (operation.action) {
    case "add":
      return changeTagIn(
        trx,
        actor,
        repository,
        tag,
        { digest: operation.digest, isNew: true },
        now,
      );
    case "move":
      return changeTagIn(trx, actor, repository, tag, { digest: operation.digest }, now);
    case "restore":
      return restoreTagIn(trx, actor, repository, tag, operation.digest, now);
    case "expire":
      return changeTagIn(trx, actor, repository, tag, { expiresAt: operation.expiresAt }, now);
    case "immutable": {
      const { isImmutable } = operation;
      if (!isImmutable && lifting !== undefined) throw lifting;
      return changeTagIn(trx, actor, repository, tag, { isImmutable }, now);
    }
    case "delete": {
      const digest = await deleteTagIn(trx, repository, tag, actor, now);
      if (digest === undefined) throw unknownTag(tag);
      return { tag, status: "deleted", digest };
    }
    case "permanent":
      await forgetImageIn(trx, actor, repository, operation, now);
      return { tag, status: "deleted", digest: operation.digest };
  }
}

/** The refusal of all: it tells which operation was to blame. */
function ofOperation(refusal: RegistryError, index: number, { tag }: TagOperation): RegistryError {
  const code: ErrorCode = refusal.code;
  const { detail } = refusal;
  return new RegistryError(code, `operations.${index} (tag ${tag}): ${refusal.message}`, {
    detail: {
      ...(typeof detail === "object" ? detail : {}),
      field: `operations.${index}`,
      index,
      tag,
    },
    status: refusal.status,
    cause: refusal,
  });
}
