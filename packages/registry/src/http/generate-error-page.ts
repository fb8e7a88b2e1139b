import { writeFile } from "node:fs/promises";

import { ERROR_PAGE_PATH } from "./error-page-path.ts";
import { errorPage } from "./error-page.ts";

/** Writes `docs/errors.md`. */
await writeFile(ERROR_PAGE_PATH, errorPage());
