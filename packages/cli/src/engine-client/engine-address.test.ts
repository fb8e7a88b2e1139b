import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { mkdir, mkdtempDisposable, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { suite, test } from "node:test";

import { engineAddresses, knownSockets } from "./engine-address.ts";

const NOBODY = { HOME: "/nonexistent" };

suite("DOCKER_HOST", () => {
  const addresses: readonly [Record<string, string>, object][] = [
    [{ DOCKER_HOST: "unix:///run/x.sock" }, { kind: "unix", path: "/run/x.sock" }],
    [
      { DOCKER_HOST: "tcp://192.0.2.1:2375" },
      { kind: "tcp", host: "192.0.2.1", port: 2375, tls: undefined },
    ],
    [{ DOCKER_HOST: "tcp://engine" }, { kind: "tcp", host: "engine", port: 2375, tls: undefined }],
    [{ DOCKER_HOST: "tcp://engine:80" }, { kind: "tcp", host: "engine", port: 80, tls: undefined }],
    [
      { DOCKER_HOST: "http://[::1]:8080/" },
      { kind: "tcp", host: "[::1]", port: 8080, tls: undefined },
    ],
    [
      { DOCKER_HOST: "tcp://engine", DOCKER_TLS_VERIFY: "1", DOCKER_CERT_PATH: "/certs" },
      { kind: "tcp", host: "engine", port: 2376, tls: { folder: "/certs", verify: true } },
    ],
    [
      { DOCKER_HOST: "tcp://engine:1", DOCKER_TLS_VERIFY: "1" },
      {
        kind: "tcp",
        host: "engine",
        port: 1,
        tls: { folder: "/nonexistent/.docker", verify: true },
      },
    ],
  ];
  for (const [env, address] of addresses) {
    test(Object.values(env).join(" "), async () => {
      assert.deepEqual(await engineAddresses({ ...NOBODY, ...env }), [address]);
    });
  }

  const wrong: readonly [string, RegExp, RegExp][] = [
    ["npipe:////./pipe/docker_engine", /Windows pipe/, /tcp:\/\/localhost:2375/],
    ["ssh://user@host", /needs ssh/, /ssh -N -L/],
    ["unix://relative.sock", /no absolute path/, /unix:\/\/\//],
    ["/var/run/docker.sock", /no address of an engine/, /unix:\/\/\//],
    ["tcp://user:secret@host:1", /not host and port/, /tcp:/],
    ["tcp://host:port", /not host and port/, /tcp:/],
    ["tcp://", /not host and port/, /tcp:/],
  ];
  for (const [host, message, hint] of wrong) {
    test(`${host} is refused: ${message.source}`, async () => {
      await assert.rejects(
        engineAddresses({ ...NOBODY, DOCKER_HOST: host }),
        (error: Error & { code?: string; hint?: string }) => {
          assert.equal(error.code, "invalid-request");
          assert.match(error.message, message);
          assert.match(error.hint ?? "", hint);
          assert.doesNotMatch(error.message, /secret/);
          return true;
        },
      );
    });
  }
});

suite("a Docker context", () => {
  test("in use says where the engine is", async () => {
    await using folder = await contextFolder("work", { Host: "unix:///run/work.sock" });
    const address = { kind: "unix", path: "/run/work.sock" };
    assert.deepEqual(await engineAddresses({ DOCKER_CONFIG: folder.path }), [address]);
    assert.deepEqual(
      await engineAddresses({ DOCKER_CONFIG: folder.path, DOCKER_CONTEXT: "work" }),
      [address],
    );
  });

  test("counts less than DOCKER_HOST", async () => {
    await using folder = await contextFolder("work", { Host: "unix:///run/work.sock" });
    const env = { DOCKER_CONFIG: folder.path, DOCKER_HOST: "unix:///run/other.sock" };
    assert.deepEqual(await engineAddresses(env), [{ kind: "unix", path: "/run/other.sock" }]);
  });

  test("that points to ssh is named in the error", async () => {
    await using folder = await contextFolder("far", { Host: "ssh://far" });
    await assert.rejects(engineAddresses({ DOCKER_CONFIG: folder.path }), {
      message: /^the Docker context far cannot be used/,
    });
  });
});

test("podman's sockets are tried after Docker's", () => {
  const sockets = knownSockets({ HOME: "/home/u", XDG_RUNTIME_DIR: "/run/user/1" });
  assert.equal(sockets[0], "/var/run/docker.sock");
  assert.deepEqual(sockets.slice(-2), [
    "/run/user/1/podman/podman.sock",
    "/run/podman/podman.sock",
  ]);
});

async function contextFolder(name: string, docker: object) {
  const folder = await mkdtempDisposable(join(tmpdir(), "context-"));
  const id = createHash("sha256").update(name).digest("hex");
  const meta = join(folder.path, "contexts/meta", id, "meta.json");
  await mkdir(dirname(meta), { recursive: true });
  await writeFile(meta, JSON.stringify({ Name: name, Endpoints: { docker } }));
  await writeFile(join(folder.path, "config.json"), JSON.stringify({ currentContext: name }));
  return folder;
}
