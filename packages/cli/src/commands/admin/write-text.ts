import { once } from "node:events";
import { Writable } from "node:stream";

import type { CommandContext } from "../../command-context.ts";

/** Writes to standard output as fast as its reader takes it. */
export async function writeText(
  { stdout, signal }: Pick<CommandContext, "stdout" | "signal">,
  text: string,
): Promise<void> {
  if (text === "") return;
  const isFull = stdout.write(text) === false;
  if (isFull && stdout instanceof Writable) await once(stdout, "drain", { signal });
}
