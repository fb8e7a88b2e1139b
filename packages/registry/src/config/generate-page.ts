import { writeFile } from "node:fs/promises";

import { CONFIGURATION_PAGE_PATH } from "./configuration-page-path.ts";
import { configurationPage } from "./configuration-page.ts";

/** Writes `docs/configuration.md`. */
await writeFile(CONFIGURATION_PAGE_PATH, configurationPage());
