import type { CommandEntry } from "./command-entry.ts";

/** All verbs, in the order in which they are listed. */
export const COMMANDS: readonly CommandEntry[] = [
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
    name: "version",
    summary: "show the version of Wharf and of Node",
    load: async () => (await import("./commands/version.ts")).version,
  },
  {
    name: "help",
    summary: "show this overview, or the page of a command",
    load: async () => (await import("./commands/help.ts")).helpOn(COMMANDS),
  },
];
