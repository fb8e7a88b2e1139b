import type { Scenario } from "./scenario.ts";
import { DOCKER } from "./scenarios/docker.ts";
import { DOWNLOAD } from "./scenarios/download.ts";
import { PODMAN } from "./scenarios/podman.ts";
import { SKOPEO } from "./scenarios/skopeo.ts";
import { SQUASH } from "./scenarios/squash.ts";

/** All of them, in their order. */
export const SCENARIOS: readonly Scenario[] = [SQUASH, DOWNLOAD, SKOPEO, DOCKER, PODMAN];
