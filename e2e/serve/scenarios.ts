import type { Scenario } from "./scenario.ts";
import { DOCKER } from "./scenarios/docker.ts";
import { PODMAN } from "./scenarios/podman.ts";
import { SKOPEO } from "./scenarios/skopeo.ts";

/** All of them, in their order. */
export const SCENARIOS: readonly Scenario[] = [SKOPEO, DOCKER, PODMAN];
