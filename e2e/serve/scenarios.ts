import type { Scenario } from "./scenario.ts";
import { ADMINISTRATION } from "./scenarios/administration.ts";
import { ARTIFACT } from "./scenarios/artifact.ts";
import { COLLECTION } from "./scenarios/collection.ts";
import { DAY } from "./scenarios/day.ts";
import { DELETES } from "./scenarios/deletes.ts";
import { DOCKER } from "./scenarios/docker.ts";
import { DOWNLOAD } from "./scenarios/download.ts";
import { INTERRUPTION } from "./scenarios/interruption.ts";
import { SEVERAL_PLATFORMS } from "./scenarios/platforms.ts";
import { PODMAN } from "./scenarios/podman.ts";
import { REFUSALS } from "./scenarios/refusals.ts";
import { SKOPEO } from "./scenarios/skopeo.ts";
import { SQUASH } from "./scenarios/squash.ts";
import { VIRTUAL_TAGS } from "./scenarios/virtual-tags.ts";

/** All of them, in their order: what is deleted first is collected last. */
export const SCENARIOS: readonly Scenario[] = [
  DELETES,
  SKOPEO,
  DOCKER,
  PODMAN,
  SEVERAL_PLATFORMS,
  ARTIFACT,
  SQUASH,
  DOWNLOAD,
  VIRTUAL_TAGS,
  REFUSALS,
  ADMINISTRATION,
  DAY,
  INTERRUPTION,
  COLLECTION,
];
