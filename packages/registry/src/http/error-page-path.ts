import { fileURLToPath } from "node:url";

/** Where the generated page lies. */
export const ERROR_PAGE_PATH = fileURLToPath(
  new URL("../../../../docs/errors.md", import.meta.url),
);
