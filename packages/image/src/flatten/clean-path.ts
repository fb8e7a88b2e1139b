/**
 * Cleans a name lexically from the root (rules 13, 28 and 29): no empty and `.` components, `..` never leads out.
 *
 * @param name as it stands in a header, bytes as a latin1 string
 * @returns the components
 */
export function cleanComponents(name: string): string[] {
  const components: string[] = [];
  for (const component of name.split("/")) {
    if (component === "" || component === ".") continue;
    if (component === "..") components.pop();
    else components.push(component);
  }
  return components;
}

/** The same, joined by slashes; empty for the root. */
export function cleanPath(name: string): string {
  return cleanComponents(name).join("/");
}
