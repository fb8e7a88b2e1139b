import { PLAN_VERSION } from "@wharf/image";
import type { Digest } from "@wharf/image";
import { layerStackId } from "./layer-stack-id.ts";
import type { PlanKey } from "./squash-plan-store.ts";
import { SQUASH_VERSION } from "./squash-version.ts";

/** Version of stored plans. */
const PLANS = `${SQUASH_VERSION}.${PLAN_VERSION}`;

/** @param keep layers at the bottom that stay */
export function planKey(layers: readonly { readonly digest: Digest }[], keep: number): PlanKey {
  return { layersId: layerStackId(layers.map(({ digest }) => digest)), keep, version: PLANS };
}
