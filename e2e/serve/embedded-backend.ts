import { join } from "node:path";

import { run } from "../command.ts";
import type { BackendKind } from "./backend.ts";

/** What is there without any configuration. */
export const EMBEDDED: BackendKind = {
  title: "SQLite and a folder",
  missing: false,
  start: () =>
    Promise.resolve({
      settings: {},
      storedBytes: async (server) => {
        const folder = join(server.dataFolder, "storage");
        const sizes = await run("find", [folder, "-type", "f", "-printf", "%s\\n"]);
        return sizes.split("\n").reduce((sum, size) => sum + Number(size), 0);
      },
      [Symbol.asyncDispose]: () => Promise.resolve(),
    }),
};
