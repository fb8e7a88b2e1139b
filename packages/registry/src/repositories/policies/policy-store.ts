import type { Kysely, Selectable, Transaction } from "kysely";
import type { Tables } from "../../database/tables.ts";

export type PolicyRow = Selectable<Tables["policies"]>;

/** Where a policy stands: a namespace, for all its repositories, or one of them. */
export type PolicyPlace = { readonly namespaceId: number } | { readonly repositoryId: number };

/** Policies of one place in the order of their making. Indexes: `policies` by (namespace_id, kind), (repository_id, kind). */
export async function findPolicies(
  db: Kysely<Tables>,
  kind: PolicyRow["kind"],
  place: PolicyPlace,
): Promise<PolicyRow[]> {
  return db
    .selectFrom("policies")
    .selectAll()
    .where("kind", "=", kind)
    .where(columnOf(place), "=", idOf(place))
    .orderBy("created_at")
    .orderBy("uuid")
    .execute();
}

/** Those that hold for a repository: its own and its namespace's. Indexes: as {@link findPolicies}. */
export async function findPoliciesFor(
  db: Kysely<Tables>,
  kind: PolicyRow["kind"],
  repository: { readonly id: number; readonly namespaceId: number },
): Promise<PolicyRow[]> {
  return db
    .selectFrom("policies")
    .selectAll()
    .where("kind", "=", kind)
    .where("repository_id", "=", repository.id)
    .unionAll(
      db
        .selectFrom("policies")
        .selectAll()
        .where("kind", "=", kind)
        .where("namespace_id", "=", repository.namespaceId),
    )
    .execute();
}

export async function insertPolicy(
  trx: Transaction<Tables>,
  policy: Omit<PolicyRow, "created_at">,
  now: number,
): Promise<void> {
  await trx
    .insertInto("policies")
    .values({ ...policy, created_at: now })
    .execute();
}

/** @returns false when there is no such policy at the place */
export async function updatePolicy(
  trx: Transaction<Tables>,
  policy: Pick<PolicyRow, "uuid" | "kind"> & PolicyValues,
  place: PolicyPlace,
): Promise<boolean> {
  const { uuid, kind, ...values } = policy;
  const row = await trx
    .updateTable("policies")
    .set(values)
    .where("uuid", "=", uuid)
    .where("kind", "=", kind)
    .where(columnOf(place), "=", idOf(place))
    .returning("uuid")
    .executeTakeFirst();
  return row !== undefined;
}

export type PolicyValues = Pick<
  PolicyRow,
  "method" | "value" | "tag_pattern" | "tag_pattern_matches"
>;

/** @returns what it was; undefined when there is no such policy at the place */
export async function deletePolicy(
  trx: Transaction<Tables>,
  uuid: string,
  kind: PolicyRow["kind"],
  place: PolicyPlace,
): Promise<PolicyRow | undefined> {
  return trx
    .deleteFrom("policies")
    .where("uuid", "=", uuid)
    .where("kind", "=", kind)
    .where(columnOf(place), "=", idOf(place))
    .returningAll()
    .executeTakeFirst();
}

function columnOf(place: PolicyPlace): "namespace_id" | "repository_id" {
  return "namespaceId" in place ? "namespace_id" : "repository_id";
}

function idOf(place: PolicyPlace): number {
  return "namespaceId" in place ? place.namespaceId : place.repositoryId;
}
