import { join } from "node:path";

import { cloneRoot } from "../cache-root.ts";
import type { Server } from "./server.ts";
import { startProcess } from "./start-process.ts";

const USER = "admin";
const PASSWORD = "bench-password-of-wharf";

/** The user's `Authorization`, for measurements with Basic authentication. */
export const WHARF_BASIC = `Basic ${Buffer.from(`${USER}:${PASSWORD}`).toString("base64")}`;

/**
 * `wharf serve` as a user starts it, on SQLite and a folder; everything as by default but that a push creates public
 * repositories, so that reads need no login.
 *
 * @param folder of its data, and of its log
 */
export async function startWharf(folder: string, port: number): Promise<Server> {
  const host = `127.0.0.1:${port}`;
  const command = [
    process.execPath,
    join(cloneRoot, "packages", "cli", "bin", "wharf.mjs"),
    "serve",
  ];
  const running = await startProcess(command, {
    host,
    environment: {
      WHARF_DATA: join(folder, "data"),
      WHARF_SERVER_PORT: String(port),
      WHARF_ACCOUNTS_ADMIN_PASSWORD: PASSWORD,
      WHARF_REGISTRY_CREATED_BY_PUSH: "public",
    },
    log: join(folder, "wharf.log"),
  });
  return {
    name: "wharf",
    host,
    pid: running.pid,
    startMilliseconds: running.startMilliseconds,
    credentials: `${USER}:${PASSWORD}`,
    async login(repositories) {
      const scopes = repositories.map((name) => `scope=repository:${name}:pull,push`);
      const response = await fetch(`http://${host}/v2/auth?${scopes.join("&")}`, {
        headers: { Authorization: WHARF_BASIC },
      });
      const { token } = (await response.json()) as { token: string }; // the token specification's
      return { Authorization: `Bearer ${token}` };
    },
    [Symbol.asyncDispose]: () => running.stop(),
  };
}
