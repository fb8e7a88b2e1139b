/**
 * Shows a path held as latin1 bytes to a person: valid UTF-8 as text, other bytes and control characters as `\xNN`.
 */
export function printablePath(path: string): string {
  const bytes = Buffer.from(path, "latin1");
  const decoded = bytes.toString("utf8");
  const text = Buffer.from(decoded, "utf8").equals(bytes) ? decoded : escapeInvalid(bytes);
  return text.replace(/[\u0000-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/gu, (character) =>
    [...Buffer.from(character, "utf8")].map(hexEscape).join(""),
  );
}

/** Byte by byte: what is no part of a valid UTF-8 sequence is escaped. */
function escapeInvalid(bytes: Buffer): string {
  let result = "";
  for (let index = 0; index < bytes.length;) {
    const byte = bytes[index] ?? 0;
    const length = byte < 0x80 ? 1 : byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : byte >= 0xc2 ? 2 : 0;
    const piece = bytes.subarray(index, index + length);
    const decoded = piece.toString("utf8");
    if (length > 0 && Buffer.from(decoded, "utf8").equals(piece)) {
      result += decoded;
      index += length;
    } else {
      result += hexEscape(byte);
      index++;
    }
  }
  return result;
}

function hexEscape(byte: number): string {
  return `\\x${byte.toString(16).padStart(2, "0")}`;
}
