import { mkdtempDisposable, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import type { Environment } from "../../transports/environment.ts";
import { USER } from "./start-registry.ts";

/** An environment in which nobody has logged in anywhere. */
export const LOGGED_OUT: Environment = { HOME: "/nonexistent", XDG_RUNTIME_DIR: "/nonexistent" };

/** An environment with a `config.json` as `docker login` leaves it. */
export async function login(
  host: string,
  entry: object = { auth: Buffer.from(`${USER.username}:${USER.password}`).toString("base64") },
): Promise<AsyncDisposable & { readonly env: Environment }> {
  const folder = await mkdtempDisposable(join(tmpdir(), "login-"));
  await writeFile(join(folder.path, "config.json"), JSON.stringify({ auths: { [host]: entry } }));
  return {
    env: { ...LOGGED_OUT, DOCKER_CONFIG: folder.path },
    [Symbol.asyncDispose]: () => folder.remove(),
  };
}
