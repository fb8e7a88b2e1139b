import assert from "node:assert/strict";
import { mkdir, mkdtempDisposable, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { suite, test } from "node:test";

import { parseImageName } from "../transports/image-name.ts";
import { findCredentials, type FoundCredentials } from "./credentials.ts";

const AUTH = { auth: Buffer.from("user:pass:word").toString("base64") };
const USER = { kind: "password", username: "user", password: "pass:word" };

suite("credentials for a registry", () => {
  test("are read from Docker's config.json; the password may hold colons", async () => {
    const found = await find("example.com/a", {
      ".docker/config.json": { auths: { "example.com": AUTH } },
    });
    assert.deepEqual(found.credentials, USER);
  });

  for (const key of [
    "https://index.docker.io/v1/",
    "index.docker.io",
    "docker.io",
    "https://registry-1.docker.io/v2/",
  ]) {
    test(`of Docker Hub are found under ${key}`, async () => {
      const found = await find("python", { ".docker/config.json": { auths: { [key]: AUTH } } });
      assert.deepEqual(found.credentials, USER);
    });
  }

  test("are those of the key that names most of the repository", async () => {
    const named = (username: string) => ({ username, password: "x" });
    const auths = {
      "h.io": named("host"),
      "h.io/a/b": named("ab"),
      "h.io/a": named("a"),
      "h.io/a/bc": named("abc"),
    };
    const files = { ".config/containers/auth.json": { auths } };
    const usernameFor = async (name: string) => {
      const { credentials } = await find(name, files);
      return credentials?.kind === "password" ? credentials.username : undefined;
    };
    assert.equal(await usernameFor("h.io/a/b"), "ab");
    assert.equal(await usernameFor("h.io/a/b/c"), "ab");
    assert.equal(await usernameFor("h.io/a/x"), "a");
    assert.equal(await usernameFor("h.io/x"), "host");
    assert.equal(await usernameFor("h.io:80/x"), undefined);
  });

  test("may be an identity token", async () => {
    const entry = { ...AUTH, identitytoken: "refresh" };
    const found = await find("example.com/a", {
      ".docker/config.json": { auths: { "example.com": entry } },
    });
    assert.deepEqual(found.credentials, { kind: "identity-token", token: "refresh" });
  });

  test("in the file that REGISTRY_AUTH_FILE names go before all others", async () => {
    const other = { auths: { "h.io": { username: "other", password: "" } } };
    const files = { "special.json": { auths: { "h.io": AUTH } }, ".docker/config.json": other };
    const found = await find("h.io/a", files, (home) => ({
      REGISTRY_AUTH_FILE: join(home, "special.json"),
    }));
    assert.deepEqual(found.credentials, USER);
  });

  test("lie where DOCKER_CONFIG and XDG_RUNTIME_DIR say", async () => {
    const file = { auths: { "h.io": AUTH } };
    const docker = await find("h.io/a", { "d/config.json": file }, (home) => ({
      DOCKER_CONFIG: join(home, "d"),
    }));
    assert.deepEqual(docker.credentials, USER);
    const podman = await find("h.io/a", { "run/containers/auth.json": file }, (home) => ({
      XDG_RUNTIME_DIR: join(home, "run"),
    }));
    assert.deepEqual(podman.credentials, USER);
  });

  test("are none when nobody has logged in", async () => {
    const files = { ".docker/config.json": { auths: { "h.io": {}, "other.io": AUTH } } };
    assert.deepEqual(await find("h.io/a", files), { credentials: undefined, problem: undefined });
  });

  test("come from the helper of the registry, then from the common store", async () => {
    const config = { credHelpers: { "h.io": "own" }, credsStore: "common", auths: { "h.io": {} } };
    const files = {
      ".docker/config.json": config,
      "bin/docker-credential-own": `echo '{"ServerURL":"x","Username":"'$(cat)'","Secret":"s3cret"}'`,
      "bin/docker-credential-common": `echo '{"Username":"<token>","Secret":"'$(cat)'"}'`,
    };
    const own = await find("h.io/a", files);
    assert.deepEqual(own.credentials, { kind: "password", username: "h.io", password: "s3cret" });
    const common = await find("python", files);
    assert.deepEqual(common.credentials, {
      kind: "identity-token",
      token: "https://index.docker.io/v1/",
    });
  });

  test("a helper that knows nothing leaves it to the file", async () => {
    const found = await find("h.io/a", {
      ".docker/config.json": { credsStore: "empty", auths: { "h.io": AUTH } },
      "bin/docker-credential-empty": "echo credentials not found in native keychain; exit 1",
    });
    assert.deepEqual(found, { credentials: USER, problem: undefined });
  });

  test("a helper that is missing or broken is told, and no more", async () => {
    const missing = await find("h.io/a", { ".docker/config.json": { credsStore: "absent" } });
    assert.match(
      missing.problem ?? "",
      /docker-credential-absent is not installed \(named in .*config\.json\)/,
    );
    const broken = await find("h.io/a", {
      ".docker/config.json": { credsStore: "broken" },
      "bin/docker-credential-broken": "echo my-secret",
    });
    assert.match(broken.problem ?? "", /docker-credential-broken answers with no JSON/);
    const outside = await find("h.io/a", { ".docker/config.json": { credsStore: "../../bin/sh" } });
    assert.match(outside.problem ?? "", /is no credential helper/);
  });

  test("in a damaged file are an error that does not show them", async () => {
    const damaged = find("h.io/a", {
      ".docker/config.json": '{"auths":{"h.io":{"password":"s3cret"',
    });
    await assert.rejects(damaged, (error: Error) => {
      assert.match(error.message, /config\.json is no JSON/);
      assert.doesNotMatch(`${error.message} ${String(error.cause)}`, /s3cret/);
      return true;
    });
    const wrong = find("h.io/a", {
      ".docker/config.json": { auths: { "h.io": { auth: "czNjcmV0" } } },
    });
    await assert.rejects(wrong, {
      message: /"auth" is damaged in .*config\.json, entry for h\.io/,
    });
  });
});

/** Looks up a name with these files below the home folder; those in `bin/` are programs on the path. */
async function find(
  name: string,
  files: Record<string, unknown>,
  more: (home: string) => Record<string, string> = () => ({}),
): Promise<FoundCredentials> {
  await using home = await mkdtempDisposable(join(tmpdir(), "credentials-"));
  for (const [path, content] of Object.entries(files)) {
    const full = join(home.path, path);
    await mkdir(dirname(full), { recursive: true });
    const text = typeof content === "string" ? content : JSON.stringify(content);
    const program = path.startsWith("bin/");
    await writeFile(full, program ? `#!/bin/sh\n${text}\n` : text, {
      mode: program ? 0o755 : 0o600,
    });
  }
  const { host, repository } = parseImageName(name);
  const env = {
    HOME: home.path,
    PATH: `${join(home.path, "bin")}:/usr/bin:/bin`,
    XDG_RUNTIME_DIR: home.path,
  };
  return await findCredentials(host, repository, { ...env, ...more(home.path) });
}
