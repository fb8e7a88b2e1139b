import type { Samples } from "./sample.ts";
import { auditSamples } from "./samples/audit.ts";
import { discoverySamples } from "./samples/discovery.ts";
import { externalSamples } from "./samples/external.ts";
import { manifestSamples } from "./samples/manifests.ts";
import { peopleSamples } from "./samples/people.ts";
import { organizationSamples } from "./samples/organizations.ts";
import { repositorySamples } from "./samples/repositories.ts";
import { robotSamples } from "./samples/robots.ts";
import { tagSamples } from "./samples/tags.ts";

/** One request for every endpoint there is. */
export const SAMPLES: Samples = {
  ...auditSamples,
  ...discoverySamples,
  ...externalSamples,
  ...manifestSamples,
  ...peopleSamples,
  ...organizationSamples,
  ...tagSamples,
  ...repositorySamples,
  ...robotSamples,
};
