import packageJson from "../../package.json" with { type: "json" };

import type { Command } from "../command.ts";
import { EXIT } from "../exit-code.ts";
import { writeJson } from "../output/json.ts";

/** `wharf version`. */
export const version: Command = {
  help: {
    command: "wharf version",
    summary: "show the version of Wharf and of the Node it runs on",
    usage: ["wharf version [--json]"],
    description: [],
    examples: [],
    flagGroups: [{ title: "Flags", flags: [{ name: "json", help: "Print JSON." }] }],
    sections: [],
  },
  async run(flags, { stdout }) {
    const { platform, arch, versions } = process;
    const facts = {
      version: packageJson.version,
      node: versions.node,
      platform: `${platform}/${arch}`,
    };
    if (flags.on("json")) writeJson(stdout, facts);
    else stdout.write(`wharf ${facts.version} (Node ${facts.node}, ${facts.platform})\n`);
    return EXIT.ok;
  },
};
