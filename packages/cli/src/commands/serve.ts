import { once } from "node:events";

import { openLog, startRegistry } from "@wharf/registry";

import packageJson from "../../package.json" with { type: "json" };

import type { Command } from "../command.ts";
import { EXIT } from "../exit-code.ts";
import { SERVE_HELP } from "./serve-help.ts";
import { serverConfig } from "./server/server-config.ts";
import { welcomeLines } from "./server/welcome-lines.ts";

/** `wharf serve`: runs the registry until a signal ends it. */
export const serve: Command = {
  help: SERVE_HELP,
  async run(flags, context) {
    const config = await serverConfig(flags, context);
    await using log = openLog(config.log);
    const registry = await startRegistry(config, { log });
    log.info("listening", { url: registry.url, version: packageJson.version });
    if (registry.firstAdministrator !== undefined) {
      // Not into the log: logs are kept and sent around, and this is a password.
      const lines = welcomeLines(registry.firstAdministrator, config.server.url ?? registry.url);
      context.stderr.write(lines.map((line) => `${line}\n`).join(""));
    }
    // Who closes the terminal wants the server to end; a service is told to look at its certificate again.
    if (!context.isTerminal(0)) context.onHangup(() => void registry.reloadCertificate());
    if (!context.signal.aborted) await once(context.signal, "abort");
    const reason: unknown = context.signal.reason;
    log.info("stopping", { reason: reason instanceof Error ? reason.message : String(reason) });
    await registry.stop();
    log.info("stopped");
    return EXIT.ok;
  },
};
