import { LRUCache } from "lru-cache";
import { decodePlan } from "@wharf/image";
import type { Digest } from "@wharf/image";
import type { Database } from "../database/database.ts";
import { planKey } from "./plan-key.ts";
import { findPlan } from "./squash-plan-store.ts";

/** Uncompressed bytes of all layers of an image, as they are and as one. */
export interface SquashSavings {
  readonly before: number;
  readonly after: number;
}

const known = new LRUCache<string, SquashSavings>({ max: 2_000 });

/**
 * What squashing comes to, when somebody has planned it before: nothing is read for it.
 *
 * @param layers lowest first
 */
export async function squashSavings(
  { read }: Pick<Database, "read">,
  layers: readonly { readonly digest: Digest }[],
): Promise<SquashSavings | undefined> {
  if (layers.length === 0) return undefined;
  const key = planKey(layers, 0);
  // The same layers are planned in the same way, whatever the registry.
  const id = `${key.version} ${key.layersId}`;
  const kept = known.get(id);
  if (kept !== undefined) return kept;
  const stored = await findPlan(read, key);
  if (stored === undefined) return undefined;
  const savings = {
    before: stored.layers.reduce((sum, { size }) => sum + size, 0),
    after: decodePlan(stored.plan).size,
  };
  known.set(id, savings);
  return savings;
}
