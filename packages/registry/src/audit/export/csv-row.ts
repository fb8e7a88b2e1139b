/**
 * A row of RFC 4180 with its line end. Cells are harmless in spreadsheets: one that would be taken for a formula gets an
 * apostrophe before it (OWASP, "CSV Injection"), and line ends and control characters become blanks.
 */
export function csvRow(cells: readonly (string | number | null)[]): string {
  return `${cells.map(cellOf).join(",")}\r\n`;
}

function cellOf(value: string | number | null): string {
  if (value === null) return "";
  if (typeof value === "number") return String(value);
  // eslint-disable-next-line no-control-regex -- these are what is replaced
  const text = value.replaceAll(/[\0-\x1f\x7f-\x9f\u2028\u2029]/g, " ");
  const harmless = /^\s*[=+\-@\uFF0B\uFF0D\uFF1D\uFF20|%]/u.test(text) ? `'${text}` : text;
  return /[",;'\t]|^\s|\s$/u.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless;
}
