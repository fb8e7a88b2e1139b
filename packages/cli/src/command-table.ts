import type { CommandEntry, CommandGroup } from "./command-entry.ts";
import { ADMIN_COMMANDS } from "./commands/admin/admin-commands.ts";

/** Verbs with one line in the overview. */
export const COMMAND_GROUPS: readonly CommandGroup[] = [
  { name: "admin", summary: "manage accounts, repositories and storage of a server" },
];

/** All verbs, in the order in which they are listed. */
export const COMMANDS: readonly CommandEntry[] = [
  {
    name: "serve",
    summary: "run the registry",
    load: async () => (await import("./commands/serve.ts")).serve,
  },
  {
    name: "squash",
    summary: "make one layer of an image, or a few",
    load: async () => (await import("./commands/squash.ts")).squash,
  },
  {
    name: "inspect",
    summary: "show the layers of an image and what is wasted in them",
    load: async () => (await import("./commands/inspect.ts")).inspect,
  },
  {
    name: "config check",
    summary: "tell everything that is wrong with a configuration",
    load: async () => (await import("./commands/config-check.ts")).configCheck,
  },
  ...ADMIN_COMMANDS,
  {
    name: "version",
    summary: "show the version of Wharf and of Node",
    load: async () => (await import("./commands/version.ts")).version,
  },
  {
    name: "help",
    summary: "show this overview, or the page of a command",
    load: async () => (await import("./commands/help.ts")).helpOn(COMMANDS, COMMAND_GROUPS),
  },
];
