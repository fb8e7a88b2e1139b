import type { World } from "./world.ts";

/** Some tests of a registry, the same for every backend. */
export interface Scenario {
  readonly title: string;
  /** Commands that it needs besides those that every scenario needs. */
  readonly commands: readonly string[];
  /** Declares the tests. The world is there when they run, not yet when they are declared. */
  readonly declare: (world: () => World) => void;
}
