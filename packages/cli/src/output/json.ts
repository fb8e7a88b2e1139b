import type { TextStream } from "../command-context.ts";

/** Writes a value as JSON for programs: indented, one final newline, nothing in it that a terminal would obey. */
export function writeJson(stream: TextStream, value: unknown): void {
  const text = JSON.stringify(value, null, 2);
  // JSON.stringify escapes only what lies below U+0020.
  const safe = text.replace(
    /[\u007f-\u009f\u2028-\u202e\u2066-\u2069]/gu,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
  stream.write(`${safe}\n`);
}
