import { labelMediaType } from "./label.ts";
import type { NewLabel } from "./label.ts";

/** Labels kept of one manifest, and characters of one key, of one value, and of all together; the others are left out. */
const MOST = 300;
const MOST_KEY = 255;
const MOST_VALUE = 256 * 1024;
const MOST_TEXT = 1024 * 1024;

/**
 * Labels that a manifest was pushed with: those of its config, then annotations of other keys. Their keys need not
 * follow the grammar of labels; nothing keeps Docker from writing others.
 */
export function manifestLabels(
  configLabels: ReadonlyMap<string, string>,
  annotations: ReadonlyMap<string, string>,
): NewLabel[] {
  const labels: NewLabel[] = [];
  let left = MOST_TEXT;
  for (const [key, value] of new Map([...annotations, ...configLabels])) {
    const length = key.length + value.length;
    const isKept =
      key !== "" &&
      key.length <= MOST_KEY &&
      value.length <= MOST_VALUE &&
      length <= left &&
      !key.includes("\0") && // which PostgreSQL does not take
      !value.includes("\0");
    if (!isKept) continue;
    left -= length;
    labels.push({ key, value, source: "manifest", mediaType: labelMediaType(value) });
    if (labels.length === MOST) break;
  }
  return labels;
}
