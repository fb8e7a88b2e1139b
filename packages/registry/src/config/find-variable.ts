import { OIDC_FIELDS, OIDC_OPTIONS } from "./oidc-options.ts";
import { OPTION_KEYS, OPTIONS } from "./options.ts";
import { variableOf } from "./option.ts";
import { isServiceId } from "./setting-key.ts";
import type { SettingKey } from "./setting-key.ts";

/** What a variable sets. */
export interface FoundVariable {
  readonly key: SettingKey;
  /** It names a file that holds the value. */
  readonly isFile: boolean;
}

const OIDC = "WHARF_OIDC_";

const VARIABLES: ReadonlyMap<string, FoundVariable> = new Map(
  OPTION_KEYS.flatMap((key): [string, FoundVariable][] => {
    const plain: [string, FoundVariable] = [variableOf(key), { key, isFile: false }];
    const file: [string, FoundVariable] = [`${variableOf(key)}_FILE`, { key, isFile: true }];
    return OPTIONS[key].secret ? [plain, file] : [plain];
  }),
);

/** Ends of the variables of a service, such as `_CLIENT_ID`, longest first. */
const OIDC_ENDS = OIDC_FIELDS.flatMap((field) => {
  const end = variableOf(field).replace("WHARF", "");
  const plain = { end, field, isFile: false };
  return OIDC_OPTIONS[field].secret
    ? [plain, { end: `${end}_FILE`, field, isFile: true }]
    : [plain];
}).toSorted((a, b) => b.end.length - a.end.length);

/** The key of a variable; undefined when there is none. */
export function findVariable(name: string): FoundVariable | undefined {
  return VARIABLES.get(name) ?? findOidcVariable(name);
}

function findOidcVariable(name: string): FoundVariable | undefined {
  if (!name.startsWith(OIDC)) return undefined;
  for (const { end, field, isFile } of OIDC_ENDS) {
    if (!name.endsWith(end)) continue;
    const id = name.slice(OIDC.length, -end.length).toLowerCase().replaceAll("_", "-");
    if (isServiceId(id)) return { key: `oidc.${id}.${field}`, isFile };
  }
  return undefined;
}

/** Variables that somebody may have meant by one that does not exist. */
export function nearVariables(name: string): string[] {
  const words = name.startsWith(OIDC) ? name.slice(OIDC.length).split("_") : [];
  const services = words
    .slice(0, -1)
    .map((_, index) => words.slice(0, index + 1))
    .filter((parts) => isServiceId(parts.join("-").toLowerCase()));
  const ofServices = services.flatMap((parts) =>
    OIDC_ENDS.map(({ end }) => `${OIDC}${parts.join("_")}${end}`),
  );
  return [...VARIABLES.keys(), ...ofServices];
}
