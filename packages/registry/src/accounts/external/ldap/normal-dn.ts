/**
 * A distinguished name in one spelling (RFC 4514), to tell whether two are the same: directories write them with other
 * spaces, cases and escapes than people do. Values are compared without their case, as most attributes in names are
 * (RFC 4517, 4.2.11).
 */
export function normalDn(dn: string): string {
  return splitUnescaped(dn, ",")
    .map((rdn) =>
      splitUnescaped(rdn, "+")
        .map((pair) => normalPair(pair))
        .toSorted()
        .join("+"),
    )
    .join(",");
}

function normalPair(pair: string): string {
  const equals = pair.indexOf("=");
  if (equals < 0) return pair.trim().toLowerCase();
  const type = pair.slice(0, equals).trim().toLowerCase();
  // An escaped space at the end belongs to the value; it is told apart before the others are cut off.
  const value = unescaped(
    pair
      .slice(equals + 1)
      .replace(/^\s+/, "")
      .replace(/(?<!\\)\s+$/, ""),
  );
  const plain = value.toLowerCase().replaceAll(/\s+/g, " ");
  return `${type}=${plain.replaceAll(/[\\,+]/g, "\\$&")}`;
}

function unescaped(value: string): string {
  const bytes: Buffer[] = [];
  let at = 0;
  while (at < value.length) {
    const hex = /^\\([0-9a-f]{2})/i.exec(value.slice(at, at + 3));
    if (hex?.[1] !== undefined) {
      bytes.push(Buffer.from(hex[1], "hex"));
      at += 3;
      continue;
    }
    if (value[at] === "\\") at += 1;
    const character = String.fromCodePoint(value.codePointAt(at) ?? 0x5c);
    bytes.push(Buffer.from(character));
    at += Math.max(1, character.length);
  }
  return Buffer.concat(bytes).toString("utf8");
}

function splitUnescaped(text: string, separator: string): string[] {
  const parts: string[] = [];
  let start = 0;
  for (let at = 0; at < text.length; at += 1) {
    if (text[at] === "\\") at += 1;
    else if (text[at] === separator) {
      parts.push(text.slice(start, at));
      start = at + 1;
    }
  }
  return [...parts, text.slice(start)];
}
