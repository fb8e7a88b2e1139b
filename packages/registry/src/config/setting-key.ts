import { OIDC_OPTIONS } from "./oidc-options.ts";
import type { OidcField } from "./oidc-options.ts";
import { OPTION_KEYS, OPTIONS } from "./options.ts";
import type { OptionKey } from "./options.ts";
import type { Option } from "./option.ts";

/** A key of one of several services of a kind; the operator names them. */
export type OidcKey = `oidc.${string}.${OidcField}`;

/** Every key that a configuration may have: one of the table, or one of a named service. */
export type SettingKey = OptionKey | OidcKey;

/** How services are named: their id stands in URLs, and in variables with `_` for `-`. */
const SERVICE = /^[a-z][a-z0-9]*(?:-[a-z0-9]+)*$/;
export const SERVICE_RULE =
  "must be named with at most 40 lower-case letters, digits and single dashes, such as oidc.our-idp, and not ldap";

export function isServiceId(id: string): boolean {
  return SERVICE.test(id) && id.length <= 40 && id !== "ldap";
}

/** The key of that name; undefined when there is none. */
export function settingKey(name: string): SettingKey | undefined {
  if (Object.hasOwn(OPTIONS, name)) return name as OptionKey; // own keys are its type's
  const [section, id = "", field = "", ...rest] = name.split(".");
  const isOidc = section === "oidc" && rest.length === 0 && isServiceId(id);
  return isOidc && isOidcField(field) ? `oidc.${id}.${field}` : undefined;
}

/** What the table says of a key. */
export function optionOf(key: SettingKey): Option {
  const parts = oidcParts(key);
  return parts === undefined ? OPTIONS[key as OptionKey] : OIDC_OPTIONS[parts.field]; // it is one or the other
}

/** Service and field of a key; undefined for those of the table. */
export function oidcParts(
  key: SettingKey,
): { readonly id: string; readonly field: OidcField } | undefined {
  if (Object.hasOwn(OPTIONS, key)) return undefined;
  const [, id = "", field = ""] = key.split(".");
  return isOidcField(field) ? { id, field } : undefined;
}

/** Is this the beginning of keys, such as `server` or `oidc.our-idp`? */
export function isSection(name: string): boolean {
  if (name === "oidc" || OPTION_KEYS.some((key) => key.startsWith(`${name}.`))) return true;
  const [section, id = "", ...rest] = name.split(".");
  return section === "oidc" && rest.length === 0 && isServiceId(id);
}

/** Is this a service whose name cannot be one? */
export function isMisnamedService(name: string): boolean {
  const [section, id] = name.split(".");
  return section === "oidc" && id !== undefined && !isServiceId(id);
}

/** Names of keys and sections that somebody may have meant. */
export function nearNames(name: string): string[] {
  const [section, id = ""] = name.split(".");
  const ofService =
    section === "oidc" && isServiceId(id)
      ? Object.keys(OIDC_OPTIONS).map((field) => `oidc.${id}.${field}`)
      : [];
  const sections = OPTION_KEYS.flatMap((key) =>
    key.split(".").map((_, index, parts) => parts.slice(0, index + 1).join(".")),
  );
  return [...new Set([...sections, "oidc", ...ofService])];
}

function isOidcField(field: string): field is OidcField {
  return Object.hasOwn(OIDC_OPTIONS, field);
}
