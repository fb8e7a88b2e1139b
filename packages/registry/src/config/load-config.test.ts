import assert from "node:assert/strict";
import { mkdir, mkdtempDisposable, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";

import { loadConfig } from "./load-config.ts";
import type { ConfigSources, LoadedConfig } from "./load-config.ts";
import { problemText } from "./problem.ts";

test("without file and variables everything has its default, below the working folder", async () => {
  await using folder = await workFolder();
  const { config } = await loadConfig({ env: {}, cwd: folder.path });
  assert.ok(config);
  assert.equal(config.data, join(folder.path, "data"));
  assert.deepEqual(config.database, { kind: "sqlite", path: join(config.data, "wharf.db") });
  assert.deepEqual(config.storage, {
    kind: "filesystem",
    path: join(config.data, "storage"),
    reserve: 1024 ** 3,
  });
  assert.equal(config.server.address, "127.0.0.1");
  assert.equal(config.server.port, 5000);
  assert.equal(config.server.tls, undefined);
  assert.equal(config.registry.manifestBytes, 4 * 1024 ** 2);
  assert.equal(config.collection.tagExpiration, 14 * 86_400_000);
});

test("flags beat variables, these the file, and that the defaults", async () => {
  await using folder = await workFolder({
    "wharf.yaml": "server:\n  port: 1\n  address: 0.0.0.0\n  idleTimeout: 5m\n",
  });
  const { config } = await loadConfig({
    file: "wharf.yaml",
    env: { WHARF_SERVER_PORT: "2", WHARF_SERVER_ADDRESS: "::1" },
    cwd: folder.path,
    flags: [{ key: "server.port", flag: "--port", value: "3" }],
  });
  assert.ok(config);
  assert.equal(config.server.port, 3);
  assert.equal(config.server.address, "::1");
  assert.equal(config.server.idleTimeout, 300_000);
  assert.equal(config.server.stopTimeout, 30_000);
});

test("a relative path starts where it was written", async () => {
  await using folder = await workFolder({ "etc/wharf.yaml": "data: ../var\n" });
  const { config } = await loadConfig({
    file: "etc/wharf.yaml",
    env: { WHARF_SQUASH_CACHE_FOLDER: "cache" },
    cwd: folder.path,
  });
  assert.ok(config);
  assert.equal(config.data, join(folder.path, "var"));
  assert.equal(config.squash.cacheFolder, join(folder.path, "cache"));
});

test("all problems are told at once, with file, line, column, key and what to do", async () => {
  const yaml = [
    "server:",
    "  prot: 12",
    "  port: abc",
    "  trustedProxies: [10.0.0.0/8, 10.0.0.0/99]",
    "  url: https://user@example.com/registry",
    "sqash:",
    "  cacheBytes: 1GiB",
    "log: loud",
    "registry:",
    "  blobBytes: [1GiB]",
    "  manifestBytes:",
    "  pageSize: { most: 3 }",
    "accounts:",
    "  adminName: Admin",
  ];
  const texts = await problemsOf(
    { "w.yaml": yaml.join("\n") },
    { file: "w.yaml", env: { WHARF_LOG_LEVEL: "loud" } },
  );
  assert.deepEqual(texts, [
    "w.yaml:2:3: server.prot is not known; did you mean server.port?",
    'w.yaml:3:9: server.port must be a whole number from 0 to 65535, not "abc"',
    "w.yaml:4:19: server.trustedProxies must be a list of addresses and networks such as 10.0.0.0/8",
    'w.yaml:5:8: server.url must be http:// or https:// with a host, without user, path and query, such as https://registry.example.com, not "https://user@example.com/registry"',
    "w.yaml:6:1: sqash is not known; did you mean squash?",
    "w.yaml:8:6: log is a section and takes keys of its own",
    "w.yaml:10:14: registry.blobBytes must be one value, not a list",
    "w.yaml:11:3: registry.manifestBytes has no value; give it one, or take the line out",
    "w.yaml:12:13: registry.pageSize takes a value and no keys of its own",
    'w.yaml:14:14: accounts.adminName must be 2 to 255 lower-case letters and digits, separated by one `.`, one or two `_`, or any number of `-`, not "Admin"',
    'WHARF_LOG_LEVEL: log.level must be one of trace, debug, info, warn, error, not "loud"',
  ]);
});

test("a key that stands twice is an error", async () => {
  const texts = await problemsOf(
    { "w.yaml": "server:\n  port: 1\n  port: 2\n" },
    { file: "w.yaml" },
  );
  assert.deepEqual(texts, ["w.yaml:3:3: port stands here a second time"]);
});

test("what is no YAML is told with its place, and nothing else is guessed from it", async () => {
  const texts = await problemsOf({ "w.yaml": "server:\n  port: [1\n" }, { file: "w.yaml" });
  assert.equal(texts.length, 1);
  assert.match(texts[0] ?? "", /^w\.yaml:[23]:\d+: /);
});

test("YAML that is no mapping, two documents and odd keys are refused", async () => {
  for (const [yaml, expected] of [
    ["- a\n", /^w\.yaml:1:1: must be a list of `key: value`$/],
    ["data: a\n---\ndata: b\n", /^w\.yaml:2:1: .*document/],
    ["? [a]\n: b\n", /^w\.yaml:1:3: a key must be a plain word$/],
    ["1: 2\n", /^w\.yaml:1:1: 1 is not known/],
    ["__proto__: 2\n", /^w\.yaml:1:1: __proto__ is not known/],
    ["constructor:\n  name: 2\n", /^w\.yaml:1:1: constructor is not known/],
  ] as const) {
    const [text = ""] = await problemsOf({ "w.yaml": yaml }, { file: "w.yaml" });
    assert.match(text, expected, yaml);
  }
});

test("a section without keys, an empty file and an empty variable say nothing", async () => {
  for (const yaml of ["", "# nothing\n", "server:\n  # port: 1\nsquash:\n"]) {
    await using folder = await workFolder({ "w.yaml": yaml });
    const loaded = await loadConfig({
      file: "w.yaml",
      env: { WHARF_SERVER_URL: "" },
      cwd: folder.path,
    });
    assert.deepEqual(textsOf(loaded), [], yaml);
  }
});

test("anchors are followed", async () => {
  await using folder = await workFolder({
    "w.yaml": "squash: { cacheBytes: &size 3GiB }\nstorage: { reserve: *size }\n",
  });
  const { config } = await loadConfig({ file: "w.yaml", env: {}, cwd: folder.path });
  assert.equal(config?.storage.kind === "filesystem" && config.storage.reserve, 3 * 1024 ** 3);
});

test("an alias without its anchor is an error", async () => {
  const texts = await problemsOf({ "w.yaml": "server: { tls: *none }\n" }, { file: "w.yaml" });
  assert.deepEqual(texts, ["w.yaml:1:16: *none stands for nothing: there is no &none above"]);
});

test("values keep their text: a password of digits keeps its zeros", async () => {
  await using folder = await workFolder({ "w.yaml": "accounts:\n  adminPassword: 00123456\n" });
  const { config } = await loadConfig({ file: "w.yaml", env: {}, cwd: folder.path });
  assert.equal(config?.accounts.adminPassword, "00123456");
});

test("a file that is missing or a folder is told", async () => {
  for (const file of ["missing.yaml", "."]) {
    const [text = ""] = await problemsOf({}, { file });
    assert.match(text, /^the configuration cannot be read: E/, file);
  }
});

test("a misspelt variable is an error, one that Kubernetes makes is not", async () => {
  const texts = await problemsOf(
    {},
    {
      env: {
        WHARF_SERVER_PROT: "1",
        WHARF_NOTHING_LIKE_IT_AT_ALL: "1",
        WHARF_CONFIG: "x",
        WHARF_PORT: "tcp://10.0.0.1:80",
        WHARF_PORT_80_TCP_ADDR: "10.0.0.1",
        WHARF_SERVICE_HOST: "10.0.0.1",
        WHARF_SERVER_SERVICE_PORT_HTTP: "80",
        WHARF_SERVER_PORT: "tcp://10.0.0.1:80",
      },
    },
  );
  assert.deepEqual(texts, [
    "WHARF_SERVER_PROT: this variable is not known; did you mean WHARF_SERVER_PORT?",
    "WHARF_NOTHING_LIKE_IT_AT_ALL: this variable is not known; docs/configuration.md lists all of them",
  ]);
});

test("a secret can come from a file", async () => {
  await using folder = await workFolder({ password: "correct horse\n", url: "postgres://h/d" });
  const { config } = await loadConfig({
    env: { WHARF_ACCOUNTS_ADMIN_PASSWORD_FILE: "password", WHARF_DATABASE_URL_FILE: "url" },
    cwd: folder.path,
  });
  assert.equal(config?.accounts.adminPassword, "correct horse");
  assert.deepEqual(config?.database, { kind: "postgres", url: "postgres://h/d", poolSize: 10 });
});

test("a secret that cannot be read, or is given twice, is told", async () => {
  const name = "WHARF_ACCOUNTS_ADMIN_PASSWORD";
  const [unreadable = ""] = await problemsOf({}, { env: { [`${name}_FILE`]: "missing" } });
  assert.match(
    unreadable,
    /^WHARF_ACCOUNTS_ADMIN_PASSWORD_FILE: accounts\.adminPassword cannot be read: ENOENT/,
  );
  const [twice] = await problemsOf(
    { file: "12345678" },
    { env: { [name]: "12345678", [`${name}_FILE`]: "file" } },
  );
  assert.equal(
    twice,
    `${name}_FILE: accounts.adminPassword is given twice: ${name} and ${name}_FILE`,
  );
});

test("a wrong secret is never shown", async () => {
  const texts = await problemsOf(
    { "w.yaml": "accounts:\n  adminPassword: hunter2\ndatabase:\n  url: mysql://u:hunter2@h/d\n" },
    { file: "w.yaml", env: { WHARF_STORAGE_S3_SECRET_ACCESS_KEY: "hunter2" } },
  );
  assert.equal(texts.length, 4);
  assert.ok(!texts.join("\n").includes("hunter2"), texts.join("\n"));
});

test("keys that contradict each other, or lack each other, are told", async () => {
  const yaml = [
    "server: { tls: { certificate: c.pem } }",
    "database: { url: postgres://h/d, path: x.db }",
    "storage: { path: blobs, s3: { bucket: images, accessKeyId: a } }",
  ];
  assert.deepEqual(await problemsOf({ "w.yaml": yaml.join("\n") }, { file: "w.yaml" }), [
    "w.yaml:1:31: server.tls.certificate needs server.tls.key",
    "w.yaml:2:40: database.path is for SQLite, but database.url chooses PostgreSQL; leave one out",
    "w.yaml:3:18: storage.path is for a folder, but storage.s3.bucket chooses S3; leave one out",
    "w.yaml:3:60: storage.s3.accessKeyId needs storage.s3.secretAccessKey",
  ]);
  assert.deepEqual(await problemsOf({}, { env: { WHARF_STORAGE_S3_REGION: "eu" } }), [
    "WHARF_STORAGE_S3_REGION: storage.s3.region needs storage.s3.bucket",
  ]);
  const mail = { WHARF_MAIL_URL: "smtp://h", WHARF_ACCOUNTS_VERIFY_EMAIL: "true" };
  assert.deepEqual(await problemsOf({}, { env: mail }), [
    "WHARF_MAIL_URL: mail.url needs mail.from",
    "WHARF_MAIL_URL: mail.url needs server.url: the links in mails lead there",
  ]);
  const rest = { WHARF_MAIL_FROM: "a@b", WHARF_ACCOUNTS_VERIFY_EMAIL: "true" };
  assert.deepEqual(await problemsOf({}, { env: rest }), [
    "WHARF_MAIL_FROM: mail.from needs mail.url",
    "WHARF_ACCOUNTS_VERIFY_EMAIL: accounts.verifyEmail needs mail.url: the codes are sent by mail",
  ]);
});

test("a bucket chooses S3; a store of one's own is addressed by path", async () => {
  await using folder = await workFolder();
  const env = { WHARF_STORAGE_S3_BUCKET: "images", WHARF_STORAGE_S3_PREFIX: "wharf" };
  const amazon = await loadConfig({ env, cwd: folder.path });
  assert.deepEqual(amazon.config?.storage, {
    kind: "s3",
    endpoint: undefined,
    region: "us-east-1",
    bucket: "images",
    prefix: "wharf/",
    pathStyle: false,
    accessKeyId: undefined,
    secretAccessKey: undefined,
    redirect: false,
  });
  const own = await loadConfig({
    env: { ...env, WHARF_STORAGE_S3_ENDPOINT: "http://s3.local:7480/" },
    cwd: folder.path,
  });
  assert.ok(own.config?.storage.kind === "s3");
  assert.equal(own.config.storage.endpoint, "http://s3.local:7480");
  assert.equal(own.config.storage.pathStyle, true);
});

test("a folder that is a file, and one that nobody can write, are told", async () => {
  await using folder = await workFolder({ file: "" });
  const inFile = await loadConfig({ env: { WHARF_DATA: "file/data" }, cwd: folder.path });
  assert.deepEqual(textsOf(inFile), [
    `WHARF_DATA: data must be a folder, and ${join(folder.path, "file")} is a file`,
  ]);
  await mkdir(join(folder.path, "folder"));
  const database = await loadConfig({
    env: { WHARF_DATABASE_PATH: "folder" },
    cwd: folder.path,
  });
  assert.deepEqual(textsOf(database), [
    `WHARF_DATABASE_PATH: database.path must be a file, and ${join(folder.path, "folder")} is a folder`,
  ]);
});

async function problemsOf(
  files: Readonly<Record<string, string>>,
  sources: Partial<ConfigSources>,
): Promise<string[]> {
  await using folder = await workFolder(files);
  return textsOf(await loadConfig({ env: {}, cwd: folder.path, ...sources }));
}

function textsOf({ problems }: LoadedConfig): string[] {
  return problems.map((problem) => problemText(problem));
}

/** A temporary folder that goes with the test. */
async function workFolder(
  files: Readonly<Record<string, string>> = {},
): Promise<AsyncDisposable & { readonly path: string }> {
  const folder = await mkdtempDisposable(join(tmpdir(), "wharf-config-"));
  for (const [name, text] of Object.entries(files)) {
    await mkdir(join(folder.path, name, ".."), { recursive: true });
    await writeFile(join(folder.path, name), text);
  }
  return folder;
}
