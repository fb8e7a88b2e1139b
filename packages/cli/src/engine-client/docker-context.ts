import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";

import type { Environment } from "../transports/environment.ts";
import type { EngineTls } from "./engine-address.ts";

/** The engine a Docker context points to. */
export interface ContextAddress {
  readonly name: string;
  /** As in `DOCKER_HOST`. */
  readonly host: string;
  readonly tls: EngineTls | undefined;
}

/**
 * The Docker context in use (`DOCKER_CONTEXT`, else `currentContext` of config.json), which is how Docker Desktop,
 * Colima and rootless Docker tell where they listen. Undefined for the default context and where none can be read.
 * The store is that of docker/cli, `cli/context/store`.
 */
export async function contextAddress(env: Environment): Promise<ContextAddress | undefined> {
  const folder = env["DOCKER_CONFIG"] || join(env["HOME"] || homedir(), ".docker");
  const name =
    env["DOCKER_CONTEXT"] || textAt(await readJson(join(folder, "config.json")), "currentContext");
  if (name === undefined || name === "" || name === "default") return undefined;
  const id = createHash("sha256").update(name).digest("hex");
  const meta = await readJson(join(folder, "contexts/meta", id, "meta.json"));
  const endpoint = fieldOf(fieldOf(meta, "Endpoints"), "docker");
  const host = textAt(endpoint, "Host");
  if (host === undefined) return undefined;
  const certificates = join(folder, "contexts/tls", id, "docker");
  const verify = fieldOf(endpoint, "SkipTLSVerify") !== true;
  return {
    name,
    host,
    tls: existsSync(certificates) ? { folder: certificates, verify } : undefined,
  };
}

async function readJson(path: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(path, "utf8"));
  } catch {
    return undefined; // no context, then: the known sockets are tried
  }
}

function textAt(value: unknown, key: string): string | undefined {
  const text = fieldOf(value, key);
  return typeof text === "string" ? text : undefined;
}

function fieldOf(value: unknown, key: string): unknown {
  return typeof value === "object" && value !== null ? Reflect.get(value, key) : undefined;
}
