import { writeFile } from "node:fs/promises";

import { COMMANDS } from "../command-table.ts";
import { cliPage } from "./cli-page.ts";
import { CLI_PAGE_PATH } from "./cli-page-path.ts";

/** Writes `docs/cli.md`. */
await writeFile(CLI_PAGE_PATH, cliPage(await Promise.all(COMMANDS.map(({ load }) => load()))));
