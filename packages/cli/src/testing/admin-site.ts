import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { mkdtempDisposable } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { loadConfig, SILENT_LOGGER, startRegistry } from "@wharf/registry";

import { runMain } from "./run-main.ts";
import type { MainRun } from "./run-main.ts";

/** A running registry in a temporary folder, and its administration. */
export interface AdminSite extends AsyncDisposable {
  readonly folder: string;
  /** `wharf admin …` beside it. */
  admin(...args: string[]): Promise<MainRun>;
  /** The JSON of a verb that must succeed. */
  // The tests know what each verb prints.
  // oxlint-disable-next-line typescript/no-explicit-any
  json(...args: string[]): Promise<any>;
  /** Lines of a verb that must succeed. */
  lines(...args: string[]): Promise<string[]>;
  /** Status of a request to `/v2/` with these credentials. */
  login(name: string, password: string): Promise<number>;
  /** Status of a request with these credentials. */
  get(path: string, name: string, password: string): Promise<number>;
  /** Makes a repository, as a first push does. */
  push(repository: string): Promise<void>;
  /** Pushes an image with this text in its config. @returns its digest */
  pushImage(repository: string, tag: string, text: string): Promise<string>;
}

const ADMIN = { name: "admin", password: "administrator" };

/** @param settings further variables of the configuration */
export async function startAdminSite(
  settings: Readonly<Record<string, string>> = {},
): Promise<AdminSite> {
  const folder = await mkdtempDisposable(join(tmpdir(), "wharf-admin-"));
  const env = {
    WHARF_DATA: join(folder.path, "data"),
    WHARF_SERVER_PORT: "0",
    WHARF_ACCOUNTS_ADMIN_PASSWORD: ADMIN.password,
    ...settings,
  };
  const { config, problems } = await loadConfig({ env, cwd: folder.path });
  assert.ok(config, JSON.stringify(problems));
  const registry = await startRegistry(config, { log: SILENT_LOGGER });
  const admin = (...args: string[]): Promise<MainRun> => runMain(["admin", ...args], env);
  const succeed = async (args: readonly string[]): Promise<string> => {
    const run = await admin(...args);
    assert.equal(run.code, 0, `${args.join(" ")}: ${run.stderr}`);
    return run.stdout;
  };
  const request = async (
    path: string,
    { name, password }: typeof ADMIN,
    init: RequestInit = {},
  ): Promise<Response> => {
    const basic = Buffer.from(`${name}:${password}`).toString("base64");
    const headers = { ...init.headers, Authorization: `Basic ${basic}` };
    const response = await fetch(`${registry.url}${path}`, { ...init, headers });
    await response.body?.cancel();
    return response;
  };
  const get = async (path: string, name: string, password: string): Promise<number> =>
    (await request(path, { name, password })).status;
  const put = async (path: string, body: string, type: string, method: string): Promise<void> => {
    const response = await request(path, ADMIN, {
      method,
      body,
      headers: { "Content-Type": type },
    });
    assert.equal(response.status, 201, path);
  };
  return {
    folder: folder.path,
    admin,
    json: async (...args) => JSON.parse(await succeed([...args, "--json"])),
    lines: async (...args) => (await succeed(args)).split("\n"),
    login: (name, password) => get("/v2/", name, password),
    get,
    async push(repository) {
      const init = { method: "POST" };
      const { status } = await request(`/v2/${repository}/blobs/uploads/`, ADMIN, init);
      assert.equal(status, 202);
    },
    async pushImage(repository, tag, text) {
      const config = JSON.stringify({
        architecture: "amd64",
        os: "linux",
        author: text,
        rootfs: { type: "layers", diff_ids: [] },
      });
      const upload = `/v2/${repository}/blobs/uploads/?digest=${digestOf(config)}`;
      await put(upload, config, "application/octet-stream", "POST");
      const manifest = JSON.stringify({
        schemaVersion: 2,
        mediaType: MANIFEST,
        config: { mediaType: CONFIG, digest: digestOf(config), size: config.length },
        layers: [],
      });
      await put(`/v2/${repository}/manifests/${tag}`, manifest, MANIFEST, "PUT");
      return digestOf(manifest);
    },
    async [Symbol.asyncDispose]() {
      await registry.stop();
      await folder[Symbol.asyncDispose]();
    },
  };
}

const MANIFEST = "application/vnd.oci.image.manifest.v1+json";
const CONFIG = "application/vnd.oci.image.config.v1+json";

function digestOf(text: string): string {
  return `sha256:${createHash("sha256").update(text).digest("hex")}`;
}
