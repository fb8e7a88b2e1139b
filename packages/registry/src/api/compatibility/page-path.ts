import { fileURLToPath } from "node:url";

/** Where the generated page lies. */
export const COMPATIBILITY_PAGE_PATH = fileURLToPath(
  new URL("../../../../../docs/api-compatibility.md", import.meta.url),
);
