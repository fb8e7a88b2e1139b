import { fileURLToPath } from "node:url";

/** Where the generated page lies. */
export const CONFIGURATION_PAGE_PATH = fileURLToPath(
  new URL("../../../../docs/configuration.md", import.meta.url),
);
