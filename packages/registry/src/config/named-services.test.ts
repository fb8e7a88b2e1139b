import assert from "node:assert/strict";
import { mkdtempDisposable, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";

import { loadConfig } from "./load-config.ts";
import { findVariable } from "./find-variable.ts";
import { OIDC_FIELDS, OIDC_OPTIONS } from "./oidc-options.ts";
import { variableOf } from "./option.ts";
import { problemText } from "./problem.ts";

test("several services come from file and environment, each with its own keys", async () => {
  const { config, problems } = await load(
    [
      "oidc:",
      "  our-idp:",
      "    issuer: https://id.example.com/realms/main",
      "    clientId: wharf",
      "    scopes: [profile, groups]",
      "    superuserGroups: ['cn=ops,dc=example,dc=com']",
      "  other: { issuer: http://127.0.0.1:9000, clientId: x, createUsers: false }",
    ],
    {
      WHARF_OIDC_OUR_IDP_CLIENT_SECRET: "hush",
      WHARF_OIDC_OUR_IDP_NAME: "Ours",
      WHARF_OIDC_THIRD_ISSUER: "https://third.example.com",
      WHARF_OIDC_THIRD_CLIENT_ID: "third",
    },
  );
  assert.deepEqual(problems, []);
  assert.deepEqual(
    config?.oidc.map(({ id, name, clientSecret, createUsers }) => [
      id,
      name,
      clientSecret,
      createUsers,
    ]),
    [
      ["our-idp", "Ours", "hush", true],
      ["other", "other", undefined, false],
      ["third", "third", undefined, true],
    ],
  );
  assert.deepEqual(config?.oidc[0]?.scopes, ["openid", "profile", "groups"]);
  assert.deepEqual(config?.oidc[0]?.superuserGroups, ["cn=ops,dc=example,dc=com"]);
  assert.deepEqual(config?.oidc[0]?.allowedGroups, []);
});

test("a secret of a service can come from a file", async () => {
  await using folder = await mkdtempDisposable(join(tmpdir(), "wharf-config-"));
  await writeFile(join(folder.path, "secret"), "hush\n");
  const env = {
    WHARF_OIDC_A_ISSUER: "https://a.example.com",
    WHARF_OIDC_A_CLIENT_ID: "a",
    WHARF_OIDC_A_CLIENT_SECRET_FILE: "secret",
  };
  const { config } = await loadConfig({ env, cwd: folder.path });
  assert.equal(config?.oidc[0]?.clientSecret, "hush");
});

test("what is misspelt, misnamed, incomplete or wrong is told with its place", async () => {
  const { problems } = await load(
    [
      "oidc:",
      "  idp:",
      "    isuer: https://id.example.com",
      "    clientId: x",
      "  Bad_Name: { issuer: https://b.example.com }",
      "  ldap: { issuer: https://c.example.com }",
      "  http: { issuer: http://id.example.com, clientId: y }",
      "  query: { issuer: https://id.example.com/?a=b, clientId: y, clientSecret: [hunter2] }",
      "  empty:",
      "  deep: { claims: { groups: x } }",
    ],
    {
      WHARF_OIDC_IDP_CLIENTSECRET: "1",
      WHARF_OIDC_IDP_USERNAMECLAIM: "1",
      WHARF_OIDC_LDAP_ISSUER: "https://d.example.com",
    },
  );
  const http =
    "must be the https:// URL that the service calls itself by, without user, query and fragment, such as https://id.example.com/realms/main; http:// is for this machine alone";
  const name =
    "must be named with at most 40 lower-case letters, digits and single dashes, such as oidc.our-idp, and not ldap";
  assert.deepEqual(problems, [
    "w.yaml:3:5: oidc.idp.isuer is not known; did you mean oidc.idp.issuer?",
    "w.yaml:4:15: oidc.idp.clientId needs oidc.idp.issuer",
    `w.yaml:5:3: oidc.Bad_Name ${name}`,
    `w.yaml:6:3: oidc.ldap ${name}`,
    `w.yaml:7:19: oidc.http.issuer ${http}, not "http://id.example.com"`,
    `w.yaml:8:20: oidc.query.issuer ${http}, not "https://id.example.com/?a=b"`,
    "w.yaml:8:76: oidc.query.clientSecret must be one value, not a list",
    "w.yaml:10:11: oidc.deep.claims is not known; did you mean oidc.deep.name?",
    "WHARF_OIDC_IDP_CLIENTSECRET: this variable is not known; did you mean WHARF_OIDC_IDP_CLIENT_SECRET?",
    "WHARF_OIDC_IDP_USERNAMECLAIM: this variable is not known; did you mean WHARF_OIDC_IDP_USERNAME_CLAIM?",
    "WHARF_OIDC_LDAP_ISSUER: this variable is not known; docs/configuration.md lists all of them",
  ]);
});

test("the directory needs its base, and both parts of its login", async () => {
  const alone = await load(["ldap: { bindDn: 'cn=a,dc=b', startTls: true }"]);
  assert.deepEqual(alone.problems, [
    "w.yaml:1:17: ldap.bindDn needs ldap.url",
    "w.yaml:1:40: ldap.startTls needs ldap.url",
  ]);
  const half = await load([
    "ldap:",
    "  url: ldaps://ldap.example.com",
    "  bindDn: cn=a,dc=b",
    "  startTls: true",
    "  userFilter: (a=b)(c=d)",
    "  usernameAttribute: u(id",
    "  caCertificate: missing.pem",
  ]);
  assert.deepEqual(half.problems.slice(0, 5), [
    "w.yaml:2:8: ldap.url needs ldap.baseDn",
    "w.yaml:3:11: ldap.bindDn needs ldap.bindPassword",
    "w.yaml:4:13: ldap.startTls is for ldap:// alone: ldaps:// is encrypted from the start",
    'w.yaml:5:15: ldap.userFilter must be a filter in parentheses, such as (objectClass=person), not "(a=b)(c=d)"',
    'w.yaml:6:22: ldap.usernameAttribute must be the name of an attribute, such as uid, not "u(id"',
  ]);
  const whole = await load([
    "ldap:",
    "  url: ldap://ldap.example.com:1389/",
    "  bindDn: cn=a,dc=b",
    "  bindPassword: '0123'",
    "  baseDn: dc=b",
    "  caCertificate: w.yaml",
    "  groupFilter: (objectClass)",
  ]);
  assert.match(
    whole.problems.join("\n"),
    /^w\.yaml:6:18: ldap\.caCertificate is not usable: there is no certificate in PEM in it\nw\.yaml:7:16: ldap\.groupFilter is no filter: .*objectClass$/,
  );
});

test("every field of a service has one variable, and none is the end of another", () => {
  for (const field of OIDC_FIELDS) {
    const key = `oidc.our-idp.${field}` as const;
    assert.deepEqual(findVariable(variableOf(key)), { key, isFile: false });
    if (/secret/i.test(field)) assert.ok(OIDC_OPTIONS[field].secret, field);
    const end = variableOf(field).replace("WHARF", "");
    const inside = OIDC_FIELDS.filter((other) => variableOf(other).endsWith(`_${end.slice(1)}`));
    assert.deepEqual(inside, [field]);
  }
});

async function load(
  yaml: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<{
  readonly config: Awaited<ReturnType<typeof loadConfig>>["config"];
  readonly problems: readonly string[];
}> {
  await using folder = await mkdtempDisposable(join(tmpdir(), "wharf-config-"));
  await writeFile(join(folder.path, "w.yaml"), yaml.join("\n"));
  const { config, problems } = await loadConfig({ file: "w.yaml", env, cwd: folder.path });
  return { config, problems: problems.map((problem) => problemText(problem)) };
}
