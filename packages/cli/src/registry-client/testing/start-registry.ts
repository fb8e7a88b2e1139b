import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempDisposable, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";

import type { RegistryHost } from "../../transports/image-name.ts";

/** A real registry of this machine, with its own empty storage. */
export interface RunningRegistry extends AsyncDisposable {
  readonly host: RegistryHost;
  /** What it has logged so far, one line for each request. */
  readonly log: readonly string[];
}

/** Who may use a registry with Basic authentication. */
export const USER = { username: "tester", password: "se:cret" } as const;
/** {@link USER} as `htpasswd -B` writes it. */
const HTPASSWD = "tester:$2b$04$cUGVnta0A1qRNCQ2Qt6ifOFotCo7LEQpFilL.9Vkj7654/PweEKZy\n";

/** Starts Debian's docker-registry on a free port. */
export async function startRegistry(
  options: { basicAuth?: boolean } = {},
): Promise<RunningRegistry> {
  const folder = await mkdtempDisposable(join(tmpdir(), "registry-"));
  await writeFile(join(folder.path, "htpasswd"), HTPASSWD);
  const auth =
    options.basicAuth === true
      ? { auth: { htpasswd: { realm: "test", path: join(folder.path, "htpasswd") } } }
      : {};
  const config = {
    version: "0.1",
    storage: {
      filesystem: { rootdirectory: folder.path },
      maintenance: { uploadpurging: { enabled: false } },
    },
    // A front may stand before it.
    http: { addr: "127.0.0.1:0", relativeurls: true },
    log: { level: "info", accesslog: { disabled: false } },
    ...auth,
  };
  // JSON is YAML.
  await writeFile(join(folder.path, "config.yml"), JSON.stringify(config));
  const child = spawn("docker-registry", ["serve", join(folder.path, "config.yml")], {
    stdio: ["ignore", "pipe", "pipe"],
    env: { PATH: process.env["PATH"], OTEL_TRACES_EXPORTER: "none" },
  });
  const ended = once(child, "close");
  const log: string[] = [];
  const listening = Promise.withResolvers<string>();
  for (const stream of [child.stdout, child.stderr]) {
    createInterface(stream).on("line", (line) => {
      log.push(line);
      const address = /listening on (127\.0\.0\.1:\d+)/.exec(line)?.[1];
      if (address !== undefined) listening.resolve(address);
    });
  }
  child.once("close", () =>
    listening.reject(new Error(`docker-registry ended: ${log.join("\n")}`)),
  );
  const stop = async (): Promise<void> => {
    child.kill();
    await ended;
    await folder.remove();
  };
  try {
    const host = (await listening.promise) as RegistryHost; // an address is one
    return { host, log, [Symbol.asyncDispose]: stop };
  } catch (error) {
    await stop();
    throw error;
  }
}
