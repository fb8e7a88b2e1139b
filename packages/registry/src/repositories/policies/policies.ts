// Long because it is one thing: what is done with policies, of either kind and at either place.
import { randomUUID } from "node:crypto";
import type { AuditKind } from "@wharf/contract";
import type { Transaction } from "kysely";
import type { Actor } from "../../accounts/admin/actor.ts";
import { recordAudit } from "../../audit/record-audit.ts";
import type { Tables } from "../../database/tables.ts";
import { RegistryError } from "../../http/registry-error.ts";
import { addJob } from "../../jobs/add-job.ts";
import type { Repository } from "../repository.ts";
import type { TagAdministration } from "../tags/tag-administration.ts";
import { deletePolicy, findPolicies, insertPolicy, updatePolicy } from "./policy-store.ts";
import type { PolicyPlace, PolicyRow, PolicyValues } from "./policy-store.ts";
import { pruneJobOf } from "./prune-job-of.ts";
import { pruneValues } from "./prune-rule.ts";
import type { PruneWish } from "./prune-rule.ts";
import { tagPattern } from "./tag-pattern.ts";

/** Whose tags a policy is about. */
export type PolicyOwner =
  | { readonly kind: "organization"; readonly account: Named }
  /** Somebody's own repositories. */
  | { readonly kind: "user"; readonly account: Named }
  | { readonly kind: "repository"; readonly repository: Repository };

interface Named {
  readonly id: number;
  readonly name: string;
}

/** An immutability policy as it is wanted. */
export interface ProtectWish {
  /** RE2 expression. */
  readonly pattern: string;
  /** True: what matches is protected; false: what does not. */
  readonly matches: boolean;
}

/** At one place; every push of a tag looks at those that protect. */
const MOST_POLICIES = 20;

/** @throws {RegistryError} as `Rights.require`; so do all of these */
export async function listPolicies(
  administration: TagAdministration,
  actor: Actor,
  kind: PolicyRow["kind"],
  owner: PolicyOwner,
): Promise<PolicyRow[]> {
  await requireRight(administration, actor, owner);
  return findPolicies(administration.database.read, kind, placeOf(owner));
}

/** @throws {RegistryError} `NOT_FOUND` */
export async function getPolicy(
  administration: TagAdministration,
  actor: Actor,
  kind: PolicyRow["kind"],
  owner: PolicyOwner,
  uuid: string,
): Promise<PolicyRow> {
  const policies = await listPolicies(administration, actor, kind, owner);
  const policy = policies.find((one) => one.uuid === uuid);
  if (policy === undefined) throw unknownPolicy(uuid);
  return policy;
}

/**
 * Makes tags go by a rule, from now on.
 *
 * @returns the policy's UUID
 * @throws {RegistryError} `PARAMETER_INVALID` naming the field, `CONFLICT` (400) when there is the same, or too many
 */
export async function createPrunePolicy(
  administration: TagAdministration,
  actor: Actor,
  owner: PolicyOwner,
  wish: PruneWish,
): Promise<string> {
  return create(administration, actor, "autoprune", owner, await pruneValues(wish));
}

/** Protects tags by their names, from now on. @returns and @throws as {@link createPrunePolicy} */
export async function createProtectPolicy(
  administration: TagAdministration,
  actor: Actor,
  owner: PolicyOwner,
  wish: ProtectWish,
): Promise<string> {
  return create(administration, actor, "immutability", owner, await protectValues(wish));
}

/** @throws {RegistryError} `NOT_FOUND`, and as {@link createPrunePolicy} */
export async function changePrunePolicy(
  administration: TagAdministration,
  actor: Actor,
  owner: PolicyOwner,
  uuid: string,
  wish: PruneWish,
): Promise<void> {
  await change(administration, actor, "autoprune", owner, uuid, await pruneValues(wish));
}

/** @throws {RegistryError} `NOT_FOUND`, and as {@link createPrunePolicy} */
export async function changeProtectPolicy(
  administration: TagAdministration,
  actor: Actor,
  owner: PolicyOwner,
  uuid: string,
  wish: ProtectWish,
): Promise<void> {
  await change(administration, actor, "immutability", owner, uuid, await protectValues(wish));
}

/** @throws {RegistryError} `NOT_FOUND` */
export async function removePolicy(
  administration: TagAdministration,
  actor: Actor,
  kind: PolicyRow["kind"],
  owner: PolicyOwner,
  uuid: string,
): Promise<void> {
  await requireRight(administration, actor, owner);
  const { database, now } = administration;
  await database.transaction(async (trx) => {
    const policy = await deletePolicy(trx, uuid, kind, placeOf(owner));
    if (policy === undefined) throw unknownPolicy(uuid);
    await tell(trx, actor, "delete", kind, owner, { ...policy }, now());
  });
}

async function create(
  administration: TagAdministration,
  actor: Actor,
  kind: PolicyRow["kind"],
  owner: PolicyOwner,
  values: PolicyValues,
): Promise<string> {
  await requireRight(administration, actor, owner);
  const { database, now } = administration;
  const uuid = randomUUID();
  await database.transaction(async (trx) => {
    await expectNew(trx, kind, owner, uuid, values);
    const place = placeOf(owner);
    const namespaceId = "namespaceId" in place ? place.namespaceId : null;
    const repositoryId = "repositoryId" in place ? place.repositoryId : null;
    const ids = { namespace_id: namespaceId, repository_id: repositoryId };
    await insertPolicy(trx, { uuid, kind, ...ids, ...values }, now());
    await tell(trx, actor, "create", kind, owner, { uuid, ...values }, now());
  });
  return uuid;
}

async function change(
  administration: TagAdministration,
  actor: Actor,
  kind: PolicyRow["kind"],
  owner: PolicyOwner,
  uuid: string,
  values: PolicyValues,
): Promise<void> {
  await requireRight(administration, actor, owner);
  const { database, now } = administration;
  await database.transaction(async (trx) => {
    const isThere = await updatePolicy(trx, { uuid, kind, ...values }, placeOf(owner));
    if (!isThere) throw unknownPolicy(uuid);
    await expectNew(trx, kind, owner, uuid, values);
    await tell(trx, actor, "update", kind, owner, { uuid, ...values }, now());
  });
}

async function expectNew(
  trx: Transaction<Tables>,
  kind: PolicyRow["kind"],
  owner: PolicyOwner,
  uuid: string,
  values: PolicyValues,
): Promise<void> {
  const others = (await findPolicies(trx, kind, placeOf(owner))).filter((one) => one.uuid !== uuid);
  if (others.length >= MOST_POLICIES) {
    throw refused(`there can be ${MOST_POLICIES} policies at one place; delete one first`);
  }
  const same = others.find(
    (one) =>
      one.tag_pattern === values.tag_pattern &&
      one.tag_pattern_matches === values.tag_pattern_matches &&
      one.method === values.method &&
      one.value === values.value,
  );
  if (same !== undefined) throw refused("there is the same policy already", { uuid: same.uuid });
}

function refused(message: string, detail: object = {}): RegistryError {
  return new RegistryError("CONFLICT", message, { status: 400, detail });
}

async function tell(
  trx: Transaction<Tables>,
  actor: Actor,
  deed: "create" | "update" | "delete",
  kind: PolicyRow["kind"],
  owner: PolicyOwner,
  policy: { readonly uuid: string } & PolicyValues,
  now: number,
): Promise<void> {
  const place = owner.kind === "repository" ? "repository" : "namespace";
  const auditKind: AuditKind =
    kind === "immutability" ? `${deed}_immutability_policy` : `${deed}_${place}_autoprune_policy`;
  await recordAudit(
    trx,
    actor,
    {
      kind: auditKind,
      ...(owner.kind === "repository"
        ? { repository: owner.repository }
        : { namespace: owner.account }),
      metadata: {
        policy_uuid: policy.uuid,
        ...(kind === "autoprune" ? { method: policy.method, value: policy.value } : {}),
        tag_pattern: policy.tag_pattern,
        tag_pattern_matches: policy.tag_pattern_matches === 1,
      },
    },
    now,
  );
  if (kind === "autoprune" && deed !== "delete") await addJob(trx, pruneJobOf(placeOf(owner)));
}

async function protectValues({ pattern, matches }: ProtectWish): Promise<PolicyValues> {
  if (pattern === "") {
    throw new RegistryError("PARAMETER_INVALID", "tagPattern: must not be empty", {
      detail: { field: "tagPattern" },
    });
  }
  await tagPattern(pattern, "tagPattern");
  return {
    method: null,
    value: null,
    tag_pattern: pattern,
    tag_pattern_matches: matches ? 1 : 0,
  };
}

export async function requireRight(
  { rights }: TagAdministration,
  actor: Actor,
  owner: PolicyOwner,
): Promise<void> {
  switch (owner.kind) {
    case "organization":
      await rights.require(actor, "organization.admin", { organization: owner.account });
      return;
    case "repository":
      await rights.require(actor, "repository.admin", { repository: owner.repository });
      return;
    case "user":
      await rights.require(actor, "self.admin");
      // Whoever may change their own account may not change another one.
      if (actor.kind === "account" && actor.accountId !== owner.account.id) {
        throw new RegistryError(
          "DENIED",
          `${actor.name} may not do this for ${owner.account.name}`,
        );
      }
  }
}

function placeOf(owner: PolicyOwner): PolicyPlace {
  return owner.kind === "repository"
    ? { repositoryId: owner.repository.id }
    : { namespaceId: owner.account.id };
}

function unknownPolicy(uuid: string): RegistryError {
  return new RegistryError("NOT_FOUND", "there is no such policy here", {
    detail: { policy_uuid: uuid.slice(0, 100) },
  });
}
