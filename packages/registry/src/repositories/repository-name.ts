import { RegistryError } from "../http/registry-error.ts";

/** Full name of a repository with its namespace, such as `team/app/worker`. Only made by {@link parseRepositoryName}. */
export type RepositoryName = string & { readonly __brand: "RepositoryName" };

/** Longest name in bytes; Distribution's reference grammar has the same bound. */
export const LONGEST_NAME = 255;

/** Distribution-spec, "Pulling manifests": a `<name>`. Separators and letters exclude each other, so it is linear. */
const COMPONENT = "[a-z0-9]+(?:(?:\\.|_|__|-+)[a-z0-9]+)*";
const NAME = new RegExp(`^${COMPONENT}(?:/${COMPONENT})*$`);
const ONE_COMPONENT = new RegExp(`^${COMPONENT}$`);

/**
 * Checks a name as it stands in a path or on the command line.
 *
 * @throws {RegistryError} `NAME_INVALID`; the detail has the name and what is wrong with it
 */
export function parseRepositoryName(text: string): RepositoryName {
  const fault = nameFault(text);
  if (fault === undefined) return text as RepositoryName; // checked just above
  throw new RegistryError("NAME_INVALID", `invalid repository name: ${fault}`, {
    detail: { name: text.slice(0, LONGEST_NAME), reason: fault },
  });
}

/** As {@link parseRepositoryName}, for names that are no fault of anybody: undefined when it is none. */
export function toRepositoryName(text: string): RepositoryName | undefined {
  return nameFault(text) === undefined ? (text as RepositoryName) : undefined; // checked just here
}

/** Is it a whole first component of a repository name? */
export function isNameComponent(text: string): boolean {
  return text.length <= LONGEST_NAME && ONE_COMPONENT.test(text);
}

/** The first component of a name. */
export function namespaceOf(name: string): string {
  return name.slice(0, name.indexOf("/"));
}

function nameFault(text: string): string | undefined {
  // Only ASCII passes the grammar, so for what passes, length is bytes.
  if (text.length > LONGEST_NAME) return `it is longer than ${LONGEST_NAME} bytes`;
  if (!NAME.test(text)) {
    return "it must be lower-case letters and digits in components separated by `/`, within a component separated by one `.`, one or two `_`, or any number of `-`";
  }
  return text.includes("/") ? undefined : "it needs a namespace: <user or organization>/<name>";
}
