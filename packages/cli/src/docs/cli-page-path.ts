import { fileURLToPath } from "node:url";

/** Where the generated page lies. */
export const CLI_PAGE_PATH = fileURLToPath(new URL("../../../../docs/cli.md", import.meta.url));
