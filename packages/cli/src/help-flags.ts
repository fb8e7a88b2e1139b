import type { Flag } from "./flag.ts";

/** Taken by every command. */
export const HELP_FLAGS: readonly Flag[] = [{ name: "help", short: "h", help: "Show this page." }];
