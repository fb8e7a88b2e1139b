import assert from "node:assert/strict";
import { mkdtempDisposable } from "node:fs/promises";
import { createServer } from "node:net";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import type { Config } from "./config/config.ts";
import { loadConfig } from "./config/load-config.ts";
import { SILENT_LOGGER } from "./log.ts";
import { startRegistry } from "./start-registry.ts";
import { descriptors } from "./testing/descriptors.ts";

async function configFor(folder: string, changes: Partial<Config> = {}): Promise<Config> {
  const { config } = await loadConfig({ env: {}, cwd: folder });
  assert.ok(config !== undefined);
  const usual = {
    ...config,
    data: folder,
    database: { kind: "sqlite", path: join(folder, "wharf.db") },
  } as const;
  return {
    ...usual,
    server: { ...config.server, port: 0 },
    storage: { kind: "filesystem", path: join(folder, "storage"), reserve: 0 },
    squash: { ...config.squash, cacheFolder: join(folder, "cache") },
    ...changes,
  };
}

test("a registry that cannot start leaves nothing open", async () => {
  await using folder = await mkdtempDisposable(join(tmpdir(), "wharf-start-"));
  const taken = createServer().listen(0, "127.0.0.1");
  await new Promise((resolve) => taken.once("listening", resolve));
  const { port } = taken.address() as AddressInfo; // it listens at an address
  const usual = await configFor(folder.path);
  const { server } = usual;
  const faults: Record<string, Partial<Config>> = {
    "the port is taken": { server: { ...server, port } },
    "there is no certificate": {
      server: { ...server, tls: { certificate: "/no/such", key: "/no/such" } },
    },
    "the storage is a file": { storage: { kind: "filesystem", path: "/dev/null/x", reserve: 0 } },
    "the cache is a file": { squash: { ...usual.squash, cacheFolder: "/dev/null/x" } },
    "the database is a folder": { database: { kind: "sqlite", path: folder.path } },
  };
  for (const [fault, changes] of Object.entries(faults)) {
    const config = await configFor(folder.path, changes);
    await assert.rejects(startRegistry(config, { log: SILENT_LOGGER }), Error, fault);
    assert.deepEqual(
      descriptors().filter((path) => path.startsWith(folder.path)),
      [],
      fault,
    );
  }
  taken.close();
  const registry = await startRegistry(usual, { log: SILENT_LOGGER });
  await registry.stop();
});

test("the administrator is created by the first start, and by no other", async () => {
  await using folder = await mkdtempDisposable(join(tmpdir(), "wharf-start-"));
  const config = await configFor(folder.path);
  const first = await startRegistry(config, { log: SILENT_LOGGER });
  assert.equal(first.firstAdministrator?.name, "admin");
  await first.stop();
  await first.stop();
  const second = await startRegistry(config, { log: SILENT_LOGGER });
  assert.equal(second.firstAdministrator, undefined);
  assert.equal((await fetch(`${second.url}/healthz`)).status, 200);
  await second.stop();
  assert.deepEqual(
    descriptors().filter((path) => path.startsWith(folder.path)),
    [],
  );
});
