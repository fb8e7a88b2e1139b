import { writeFile } from "node:fs/promises";
import { ENDPOINTS } from "../routes/discovery.ts";
import { compatibilityPage } from "./compatibility-page.ts";
import { COMPATIBILITY_PAGE_PATH } from "./page-path.ts";

/** Writes `docs/api-compatibility.md`. */
await writeFile(COMPATIBILITY_PAGE_PATH, compatibilityPage(ENDPOINTS));
