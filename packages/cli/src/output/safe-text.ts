/**
 * Text from outside (names, paths, commands of an image) for one line of a terminal: control characters, which could
 * move the cursor or worse, and characters that turn the direction of text are shown as `\xNN` or `\u{NNNN}`.
 */
export function safeText(text: string): string {
  return text.replace(UNSAFE, (character) => {
    const code = character.codePointAt(0) ?? 0;
    return code < 0x100 ? `\\x${code.toString(16).padStart(2, "0")}` : `\\u{${code.toString(16)}}`;
  });
}

const UNSAFE = /[\u0000-\u001f\u007f-\u009f\u2028-\u202e\u2066-\u2069]/gu;
