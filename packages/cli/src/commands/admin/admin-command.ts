import { existsSync } from "node:fs";

import { openAdministration, SILENT_LOGGER } from "@wharf/registry";
import type { Config, OpenAdministration } from "@wharf/registry";

import type { CommandContext } from "../../command-context.ts";
import type { Command } from "../../command.ts";
import { EXIT } from "../../exit-code.ts";
import type { Flag } from "../../flag.ts";
import type { Example } from "../../help-page.ts";
import { writeJson } from "../../output/json.ts";
import { safeText } from "../../output/safe-text.ts";
import type { ParsedFlags } from "../../parse-flags.ts";
import { UsageError } from "../../usage-error.ts";
import { serverConfig } from "../server/server-config.ts";
import { CONFIG_FLAGS, CONFIG_SECTION, JSON_FLAG } from "../server/server-flags.ts";

/** What tells one verb of `wharf admin` from the others. */
export interface AdminPage {
  /** What follows `wharf admin`, such as `user create`. */
  readonly verb: string;
  /** One line without a full stop. */
  readonly summary: string;
  /** What has to be named, in order, such as `NAME`. */
  readonly args: readonly string[];
  readonly description?: readonly string[];
  readonly examples: readonly Example[];
  readonly flags?: readonly Flag[];
}

/** What a verb of `wharf admin` works with. */
export interface AdminRun {
  readonly administration: OpenAdministration;
  readonly config: Config;
  readonly flags: ParsedFlags;
  readonly context: CommandContext;
  /** One for each of the page's `args`. */
  readonly args: readonly string[];
  /** Prints the document with `--json` (fields may be added, none changes its meaning or goes away), else the lines. */
  readonly print: (document: object, lines: readonly string[]) => void;
}

/** A verb of `wharf admin`: opens the server's database, which a running server shares, and closes it again. */
export function adminCommand(page: AdminPage, work: (run: AdminRun) => Promise<void>): Command {
  const command = `wharf admin ${page.verb}`;
  const usage = [[command, "[flags]", ...page.args].join(" ")];
  return {
    help: {
      command,
      summary: page.summary,
      usage,
      description: page.description ?? [],
      examples: page.examples,
      flagGroups: [{ title: "Flags", flags: [...(page.flags ?? []), ...CONFIG_FLAGS, JSON_FLAG] }],
      sections: [CONFIG_SECTION],
    },
    async run(flags, context) {
      const { positionals } = flags;
      if (positionals.length !== page.args.length) {
        const what = page.args.length === 0 ? "nothing but flags" : page.args.join(" ");
        throw new UsageError(`${command} takes ${what}`, `see "${command} --help"`, usage);
      }
      const config = await serverConfig(flags, context);
      needDatabase(config);
      await using administration = await openAdministration(config, SILENT_LOGGER);
      const print = (document: object, lines: readonly string[]): void => {
        if (flags.on("json")) writeJson(context.stdout, { schemaVersion: 1, ...document });
        else context.stdout.write(lines.map((line) => `${safeText(line)}\n`).join(""));
      };
      await work({ administration, config, flags, context, args: positionals, print });
      return EXIT.ok;
    },
  };
}

/** An empty database in a wrong place would only confuse, and keep a server from creating its administrator. */
function needDatabase({ database }: Config): void {
  if (database.kind !== "sqlite" || existsSync(database.path)) return;
  throw new UsageError(
    `there is no registry here: ${database.path} does not exist`,
    "name the configuration or data of the server with --config or --data, or run wharf serve first",
  );
}
