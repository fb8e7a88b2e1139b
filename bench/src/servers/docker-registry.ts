import { writeFile } from "node:fs/promises";
import { join } from "node:path";

import type { Server } from "./server.ts";
import { startProcess } from "./start-process.ts";

/** `bench:bench-password`, bcrypt at the cost that `htpasswd -B` takes by default, 5. */
const HTPASSWD = "bench:$2y$05$abcdefghijklmnopqrstuuDKzXRD8qi8Sr03feYCc9b0NVT9eaf.6\n";

export const DOCKER_REGISTRY_BASIC = `Basic ${Buffer.from("bench:bench-password").toString("base64")}`;

/**
 * Debian's docker-registry (Distribution 2.8) on its filesystem driver, configured as Debian does, with deletes.
 *
 * @param folder of its data, and of its log
 * @param access `open` to everybody, or by `htpasswd`
 */
export async function startDockerRegistry(
  folder: string,
  port: number,
  access: "open" | "htpasswd" = "open",
): Promise<Server> {
  const host = `127.0.0.1:${port}`;
  const config = join(folder, `docker-registry-${port}.yml`);
  const passwords = join(folder, "htpasswd");
  await writeFile(passwords, HTPASSWD);
  await writeFile(
    config,
    `version: 0.1
log:
  fields:
    service: registry
storage:
  cache:
    blobdescriptor: inmemory
  filesystem:
    rootdirectory: ${join(folder, "docker-registry")}
  delete:
    enabled: true
http:
  addr: ${host}
  headers:
    X-Content-Type-Options: [nosniff]
health:
  storagedriver:
    enabled: true
    interval: 10s
    threshold: 3
${access === "open" ? "" : `auth:\n  htpasswd:\n    realm: bench\n    path: ${passwords}\n`}`,
  );
  const running = await startProcess(["docker-registry", "serve", config], {
    host,
    environment: {},
    log: join(folder, `docker-registry-${port}.log`),
  });
  return {
    name: "docker-registry",
    host,
    pid: running.pid,
    startMilliseconds: running.startMilliseconds,
    credentials: access === "open" ? undefined : "bench:bench-password",
    login: () => Promise.resolve({}),
    [Symbol.asyncDispose]: () => running.stop(),
  };
}
