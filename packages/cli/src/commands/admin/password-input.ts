import { createReadStream } from "node:fs";

import { randomText } from "@wharf/registry";

import type { CommandContext } from "../../command-context.ts";
import type { Flag } from "../../flag.ts";
import type { ParsedFlags } from "../../parse-flags.ts";
import { UsageError } from "../../usage-error.ts";

/** Passwords never stand on the command line: every user of the machine could read them there. */
export const PASSWORD_FLAG: Flag = {
  name: "password-file",
  value: "FILE",
  help: 'Read the password from a file; "-" is standard input. One line break at the end does not belong to it. Without this flag a password is made up and printed.',
};

const MADE_UP_LENGTH = 24;
const LONGEST = 4096;

export interface PasswordInput {
  readonly password: string;
  /** It was not given, so it has to be shown. */
  readonly isMadeUp: boolean;
}

/** @throws {UsageError} when it would be typed in plain sight, or is far too long */
export async function passwordInput(
  flags: ParsedFlags,
  context: CommandContext,
): Promise<PasswordInput> {
  const file = flags.value("password-file");
  if (file === undefined) return { password: randomText(MADE_UP_LENGTH), isMadeUp: true };
  if (file === "-" && context.isTerminal(0)) {
    throw new UsageError(
      "the password would be shown while it is typed",
      "pipe it in, name a file, or leave --password-file out to have one made up",
    );
  }
  const text = await readText(file);
  return { password: text.replace(/\r?\n$/, ""), isMadeUp: false };
}

async function readText(file: string): Promise<string> {
  const chunks: Buffer[] = [];
  let length = 0;
  const stream = createReadStream(file, file === "-" ? { fd: 0, autoClose: false } : {});
  for await (const chunk of stream) {
    // Without an encoding, file streams yield buffers.
    const bytes = chunk as Buffer;
    length += bytes.length;
    if (length > LONGEST) {
      throw new UsageError(`the password is longer than ${LONGEST} bytes`, "is it the right file?");
    }
    chunks.push(bytes);
  }
  return Buffer.concat(chunks).toString("utf8");
}
