import { RegistryError } from "../http/registry-error.ts";
import { isNameComponent } from "../repositories/repository-name.ts";

const NAMESPACE = /^[a-z0-9][a-z0-9._-]{1,254}$/;
const ROBOT = /^[a-z][a-z0-9_-]{1,254}$/;

/**
 * Checks the name of a user or organization. It is the first component of the names of its repositories, so it must
 * keep to their grammar as well (distribution-spec, "Pulling manifests").
 *
 * @param field of the request that has it
 * @throws {RegistryError} `PARAMETER_INVALID`
 */
export function checkNamespaceName(name: string, field = "name"): void {
  if (NAMESPACE.test(name) && isNameComponent(name)) return;
  throw invalid(
    field,
    name,
    "2 to 255 lower-case letters and digits, separated by one `.`, one or two `_`, or any number of `-`",
  );
}

/** Checks the name of a team: the grammar of namespaces, within its organization. @throws {RegistryError} `PARAMETER_INVALID` */
export function checkTeamName(name: string): void {
  if (NAMESPACE.test(name) && isNameComponent(name)) return;
  throw invalid(
    "teamname",
    name,
    "2 to 255 lower-case letters and digits, separated by one `.`, one or two `_`, or any number of `-`",
  );
}

/** Checks the part of a robot's name after the `+`. @throws {RegistryError} `PARAMETER_INVALID` */
export function checkRobotName(short: string): void {
  if (ROBOT.test(short)) return;
  throw invalid(
    "robot",
    short,
    "2 to 255 lower-case letters, digits, `_` and `-`, beginning with a letter",
  );
}

/** Full name of a robot. */
export function robotName(namespace: string, short: string): string {
  return `${namespace}+${short}`;
}

/** The namespace of a robot, or undefined for names of users and organizations. */
export function namespaceOfRobot(name: string): string | undefined {
  const plus = name.indexOf("+");
  return plus < 0 ? undefined : name.slice(0, plus);
}

function invalid(field: string, value: string, rule: string): RegistryError {
  const shown = value.slice(0, 255);
  return new RegistryError(
    "PARAMETER_INVALID",
    `${field} ${JSON.stringify(shown)} must be ${rule}`,
    {
      detail: { field, value: shown },
    },
  );
}
