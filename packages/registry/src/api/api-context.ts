import type { Comparisons } from "../compare/comparisons.ts";
import type { RegistryContext } from "../context.ts";

/** What the handlers of the API work with. */
export interface ApiContext extends RegistryContext {
  readonly comparisons: Comparisons;
}
