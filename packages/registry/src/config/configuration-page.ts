import { OIDC_FIELDS, OIDC_OPTIONS } from "./oidc-options.ts";
import { OPTION_KEYS, OPTIONS } from "./options.ts";
import { variableOf } from "./option.ts";
import type { Option } from "./option.ts";

/** What the sections are about, in the words that begin them. */
const SECTIONS: Readonly<Record<string, string>> = {
  server: "How clients reach the registry.",
  database:
    "Accounts, repositories, manifests and tags. SQLite in a file is embedded and the default; `database.url` takes PostgreSQL in its place.",
  storage:
    "The content of layers. A folder is the default; `storage.s3.bucket` takes an S3 store in its place.",
  registry: "What is taken and how it is served.",
  accounts: "Logins and tokens.",
  ldap: "Passwords of an LDAP directory. [Signing in](sign-in.md#ldap) tells how to set it up.",
  mail: "How the registry sends mail: recovery of passwords, confirmation of addresses, invitations.",
  audit: "What the audit log tells of, and for how long.",
  api: "The REST API.",
  network:
    "Requests that the registry makes because a user named a URL: issuers of tokens, webhooks, exports.",
  squash: "Squashed images. [Squashing](squashing.md) tells what they are.",
  collection: "What is deleted, and when. [Operating](operate.md#collection) has the whole story.",
  log: "Written to standard output.",
};

/** `docs/configuration.md`, from the table of all keys. */
export function configurationPage(): string {
  return [
    "# Configuration",
    "",
    "Generated from the table of keys by `node packages/registry/src/config/generate-page.ts`; a test compares it.",
    "",
    "Everything has a default; `wharf serve` runs without any configuration. What you want otherwise stands in one YAML file, named with `--config FILE` or the variable `WHARF_CONFIG`, and every key can be set by a variable of the environment instead. Variables beat the file, and the flags of `wharf serve` beat both.",
    "",
    "```yaml",
    "# /etc/wharf/wharf.yaml",
    "data: /var/lib/wharf",
    "server:",
    "  address: 0.0.0.0",
    "  port: 443",
    "  url: https://registry.example.com",
    "  tls:",
    "    certificate: /etc/wharf/tls/fullchain.pem",
    "    key: /etc/wharf/tls/privkey.pem",
    "squash:",
    "  cacheBytes: 50GiB",
    "```",
    "",
    "`wharf config check --config /etc/wharf/wharf.yaml` tells everything that is wrong, with line and column, before a server meets it:",
    "",
    "```",
    '/etc/wharf/wharf.yaml:5:9: server.port must be a whole number from 0 to 65535, not "https"',
    "/etc/wharf/wharf.yaml:10:3: squash.cacheByte is not known; did you mean squash.cacheBytes?",
    "```",
    "",
    "## How values are written",
    "",
    "- **size**: `4096`, `500MB` (decimal) or `20GiB` (binary).",
    "- **duration**: with its unit, `ms`, `s`, `m`, `h`, `d` or `w`; `1h30m` is fine, `0` needs no unit.",
    "- **path**: relative ones start in the folder of the file; in variables and flags, in the working folder.",
    "- **list**: a YAML list; in a variable with commas between.",
    "- **secrets** can be kept out of file and environment: `<VARIABLE>_FILE` names a file that holds the value, as Docker, Kubernetes and systemd hand secrets over.",
    "- An empty variable counts as not set. A key or a variable `WHARF_…` that does not exist is an error, so that none is misspelt in silence. Variables that Kubernetes makes for a service called wharf are left aside.",
    "",
    ...optionLines("data", OPTIONS.data),
    ...Object.entries(SECTIONS).flatMap(([name, text]) => sectionLines(name, text)),
    ...oidcLines(),
  ].join("\n");
}

function sectionLines(name: string, text: string): string[] {
  const keys = OPTION_KEYS.filter((key) => key.startsWith(`${name}.`));
  return [`## ${name}`, "", text, "", ...keys.flatMap((key) => optionLines(key, OPTIONS[key]))];
}

/** Their second part is a name that the operator chooses. */
function oidcLines(): string[] {
  return [
    "## oidc",
    "",
    "OpenID Connect services that browsers can sign in with, each with an id of lower-case letters, digits and single dashes. In variables the id is written in capitals, with `_` for `-`. [Signing in](sign-in.md#openid-connect) has an example.",
    "",
    ...OIDC_FIELDS.flatMap((field) => optionLines(`oidc.<id>.${field}`, OIDC_OPTIONS[field])),
  ];
}

function optionLines(key: string, option: Option): string[] {
  const level = key.includes(".") ? "###" : "##";
  return [
    `${level} \`${key}\``,
    "",
    option.description,
    "",
    `${capitalized(option.kind.name)}. Default: ${defaultText(option)}. Variable: ${variables(key, option)}.`,
    "",
  ];
}

function defaultText(option: Option): string {
  if (option.default === undefined) return option.defaultMeaning ?? "none";
  return option.default === "" ? "empty" : `\`${option.default}\``;
}

function variables(key: string, { secret }: Option): string {
  const variable = variableOf(key);
  return secret ? `\`${variable}\` or \`${variable}_FILE\`` : `\`${variable}\``;
}

function capitalized(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
