import type { Kysely } from "kysely";
import type { Tables } from "../../database/tables.ts";
import { findPoliciesFor } from "./policy-store.ts";
import { tagPattern } from "./tag-pattern.ts";

/** The immutability policy that protects a tag of this name; undefined: none does. */
export type TagProtection = (name: string) => ProtectingPolicy | undefined;

export interface ProtectingPolicy {
  readonly uuid: string;
  /** Of the namespace, not of the repository. */
  readonly isOfNamespace: boolean;
  readonly pattern: string;
}

/** What the policies of a repository and its namespace protect now. */
export async function tagProtection(
  db: Kysely<Tables>,
  repository: { readonly id: number; readonly namespaceId: number },
): Promise<TagProtection> {
  const rows = await findPoliciesFor(db, "immutability", repository);
  const policies = await Promise.all(
    rows.map(async (row) => {
      const pattern = row.tag_pattern ?? "";
      return {
        uuid: row.uuid,
        isOfNamespace: row.namespace_id !== null,
        pattern,
        matches: row.tag_pattern_matches === 1,
        expression: await tagPattern(pattern, "tagPattern"),
      };
    }),
  );
  return (name) => policies.find(({ expression, matches }) => expression.begins(name) === matches);
}
