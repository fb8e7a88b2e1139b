import type { Flag } from "../../flag.ts";
import type { HelpSection } from "../../help-page.ts";

/** Flags of every command that works on a server's database and storage. */
export const CONFIG_FLAGS: readonly Flag[] = [
  {
    name: "config",
    short: "c",
    value: "FILE",
    help: "The configuration of the server, in YAML. Default: the variable WHARF_CONFIG; without it there is no file.",
  },
  {
    name: "data",
    value: "FOLDER",
    help: 'Folder of database, images and cache. Default: what the configuration says, else "data" in the working folder.',
  },
];

export const JSON_FLAG: Flag = { name: "json", help: "Print JSON." };

export const CONFIG_SECTION: HelpSection = {
  title: "Configuration",
  rows: [
    ["FILE", "docs/configuration.md has every key"],
    ["WHARF_...", "every key as a variable, such as WHARF_SERVER_PORT; variables beat the file"],
    ["flags", "beat both"],
  ],
};
