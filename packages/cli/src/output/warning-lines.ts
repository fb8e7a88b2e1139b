import type { SquashWarning } from "@wharf/image";

import { countText } from "./count-text.ts";
import { safeText } from "./safe-text.ts";

const SHOWN = 10;

/** Warnings for a person, at most ten lines with a count of the rest unless `all` are wanted. */
export function warningLines(warnings: readonly SquashWarning[], all: boolean): string[] {
  const shown = all || warnings.length <= SHOWN ? warnings : warnings.slice(0, SHOWN - 1);
  const lines = shown.map(({ layer, path, message, rule }) => {
    const place = path === undefined ? `layer ${layer}` : `layer ${layer}, ${safeText(path)}`;
    return `warning: ${place}: ${safeText(message)} (rule ${rule})`;
  });
  if (shown.length === warnings.length) return lines;
  return [
    ...lines,
    `warning: ${countText(warnings.length - shown.length, "more warning")}, shown with -verbose`,
  ];
}
