/** Bounds of what an entry keeps: clients choose tags, descriptions and names. */
const TEXT = 1000;
const ELEMENTS = 100;
const JSON_LENGTH = 16 * 1024;
const DEPTH = 6;

/** Fields that are never kept, whoever hands them over. */
const SECRETS = new Set([
  "password",
  "new_password",
  "current_password",
  "secret",
  "client_secret",
  "access_token",
  "refresh_token",
  "id_token",
  "authorization",
  "cookie",
]);

/**
 * Metadata as an entry keeps it: long texts and lists are cut, NUL and halves of characters are replaced, secrets are
 * left out. What is still too long keeps its short fields alone.
 */
export function boundedMetadata(
  metadata: Readonly<Record<string, unknown>>,
): Readonly<Record<string, unknown>> {
  const bounded = boundedObject(metadata, 0);
  if (JSON.stringify(bounded).length <= JSON_LENGTH) return bounded;
  const short = Object.entries(bounded).filter(
    ([, value]) => typeof value !== "object" && JSON.stringify(value).length <= 200,
  );
  return { ...Object.fromEntries(short.slice(0, 50)), shortened: true };
}

/** Texts that every database takes. */
export function boundedText(text: string, longest = TEXT): string {
  const cut = text.length > longest ? text.slice(0, longest) : text;
  return cut.toWellFormed().replaceAll("\0", "\uFFFD");
}

function boundedObject(value: object, depth: number): Record<string, unknown> {
  const fields = Object.entries(value)
    .filter(([name, field]) => field !== undefined && !SECRETS.has(name.toLowerCase()))
    .slice(0, ELEMENTS)
    .map(([name, field]) => [boundedText(name, 100), boundedValue(field, depth + 1)]);
  return Object.fromEntries(fields) as Record<string, unknown>; // of pairs
}

function boundedValue(value: unknown, depth: number): unknown {
  if (typeof value === "string") return boundedText(value);
  if (typeof value === "bigint") return value.toString();
  if (typeof value !== "object" || value === null) return value;
  if (depth > DEPTH) return null;
  if (Array.isArray(value)) {
    return value.slice(0, ELEMENTS).map((element) => boundedValue(element, depth + 1));
  }
  return boundedObject(value, depth);
}
