/**
 * Tells which extended attributes are left out.
 *
 * @param patterns names such as `security.selinux`, or beginnings of names such as `user.*`
 */
export function xattrFilter(patterns: readonly string[]): (name: string) => boolean {
  // Names are bytes, held as latin1 strings in the library.
  const bytes = patterns.map((pattern) => Buffer.from(pattern, "utf8").toString("latin1"));
  const names = new Set(bytes.filter((pattern) => !pattern.endsWith("*")));
  const beginnings = bytes
    .filter((pattern) => pattern.endsWith("*"))
    .map((pattern) => pattern.slice(0, -1));
  return (name) => names.has(name) || beginnings.some((beginning) => name.startsWith(beginning));
}
