import { readFile } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";

import { ImageError } from "@wharf/image";

import type { Environment } from "../transports/environment.ts";
import type { RegistryHost, RepositoryName } from "../transports/image-name.ts";
import { type HelperAnswer, askCredentialHelper } from "./credential-helper.ts";

/** What proves who we are. Never part of a message. */
export type Credentials =
  | { readonly kind: "password"; readonly username: string; readonly password: string }
  /** An OAuth2 refresh token, as `docker login` gets from some registries. */
  | { readonly kind: "identity-token"; readonly token: string };

/** The credentials that were found, or why a place that should have some gave none. */
export interface FoundCredentials {
  readonly credentials: Credentials | undefined;
  readonly problem: string | undefined;
}

/** Key of Docker Hub in `config.json` and for credential helpers. */
const HUB_KEY = "https://index.docker.io/v1/";

/**
 * Looks up the credentials for a repository where `docker login` and `podman login` leave them: `$REGISTRY_AUTH_FILE`;
 * `config.json` in `$DOCKER_CONFIG` or `~/.docker`; `containers/auth.json` in `$XDG_RUNTIME_DIR` and in
 * `$XDG_CONFIG_HOME` or `~/.config`. The first file that has some is taken; within it a credential helper goes before
 * `auths`, and the key that names most of the repository before shorter ones (containers-auth.json(5)).
 *
 * @throws {ImageError} `invalid-request` for a file that cannot be read; its content is not shown
 */
export async function findCredentials(
  host: RegistryHost,
  repository: RepositoryName,
  env: Environment,
  signal?: AbortSignal,
): Promise<FoundCredentials> {
  let problem: string | undefined;
  for (const path of credentialFiles(env)) {
    const file = await readCredentialFile(path);
    if (file === undefined) continue;
    const helper = helperFor(file, host);
    if (helper !== undefined) {
      const answer = await askCredentialHelper(
        helper,
        host === "docker.io" ? HUB_KEY : host,
        env,
        signal,
      );
      const credentials = credentialsOf(answer);
      if (credentials !== undefined) return { credentials, problem: undefined };
      problem ??= answer.kind === "failed" ? `${answer.why} (named in ${path})` : undefined;
    }
    const credentials = credentialsFrom(file, host, repository, path);
    if (credentials !== undefined) return { credentials, problem: undefined };
  }
  return { credentials: undefined, problem };
}

function credentialFiles(env: Environment): string[] {
  const home = env["HOME"] || homedir();
  const runtime = env["XDG_RUNTIME_DIR"] || `/run/containers/${process.getuid?.() ?? 0}`;
  const inRuntime = env["XDG_RUNTIME_DIR"]
    ? join(runtime, "containers/auth.json")
    : join(runtime, "auth.json");
  return [
    ...(env["REGISTRY_AUTH_FILE"] ? [env["REGISTRY_AUTH_FILE"]] : []),
    join(env["DOCKER_CONFIG"] || join(home, ".docker"), "config.json"),
    inRuntime,
    join(env["XDG_CONFIG_HOME"] || join(home, ".config"), "containers/auth.json"),
  ];
}

async function readCredentialFile(path: string): Promise<object | undefined> {
  let text: string;
  try {
    text = await readFile(path, "utf8");
  } catch (error) {
    if (
      error instanceof Error &&
      "code" in error &&
      (error.code === "ENOENT" || error.code === "ENOTDIR")
    )
      return undefined;
    throw new ImageError("invalid-request", `the credentials in ${path} cannot be read`, {
      cause: error,
    });
  }
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    // The parser's own message quotes the text, which may be a password.
    throw new ImageError("invalid-request", `${path} is no JSON`, {
      hint: "log in again: docker login, podman login",
    });
  }
  return typeof parsed === "object" && parsed !== null ? parsed : undefined;
}

function helperFor(file: object, host: RegistryHost): string | undefined {
  const helpers: unknown = Reflect.get(file, "credHelpers");
  const own = typeof helpers === "object" && helpers !== null ? entries(helpers) : [];
  const helper = own.find(([key]) => hostKey(key) === host)?.[1] ?? Reflect.get(file, "credsStore");
  return typeof helper === "string" && helper !== "" ? helper : undefined;
}

function credentialsFrom(
  file: object,
  host: RegistryHost,
  repository: RepositoryName,
  path: string,
): Credentials | undefined {
  const auths: unknown = Reflect.get(file, "auths");
  if (typeof auths !== "object" || auths === null) return undefined;
  const byKey = new Map<string, unknown>();
  // A key that says the host alone is preferred to Docker's old form of an address.
  for (const [key, value] of entries(auths).toSorted(([a], [b]) => a.length - b.length)) {
    const plain = hostKey(key);
    if (!byKey.has(plain)) byKey.set(plain, value);
  }
  for (const key of keysFor(host, repository)) {
    const credentials = readEntry(byKey.get(key), `${path}, entry for ${key}`);
    if (credentials !== undefined) return credentials;
  }
  return undefined;
}

/** `host/a/b`, `host/a`, `host`. */
function keysFor(host: RegistryHost, repository: RepositoryName): string[] {
  const parts = repository.split("/");
  return [
    ...parts.map((_, index) => `${host}/${parts.slice(0, parts.length - index).join("/")}`),
    host,
  ];
}

/** Docker writes some keys as addresses, `https://host/v1/`. */
function hostKey(key: string): string {
  const plain = key
    .replace(/^https?:\/\//, "")
    .replace(/\/+$/, "")
    .replace(/\/v[12]$/, "");
  return plain.replace(/^(?:index|registry-1)\.docker\.io(?=$|\/)/, "docker.io");
}

function readEntry(entry: unknown, place: string): Credentials | undefined {
  if (typeof entry !== "object" || entry === null) return undefined;
  const text = (key: string): string => {
    const value: unknown = Reflect.get(entry, key);
    return typeof value === "string" ? value : "";
  };
  if (text("identitytoken") !== "") return { kind: "identity-token", token: text("identitytoken") };
  if (text("auth") !== "") return readAuth(text("auth"), place);
  if (text("username") === "") return undefined;
  return { kind: "password", username: text("username"), password: text("password") };
}

/** Base64 of `user:password`; old Dockers padded with NULs. */
function readAuth(auth: string, place: string): Credentials {
  const decoded = Buffer.from(auth, "base64").toString("utf8").replace(/\0+$/, "");
  const colon = decoded.indexOf(":");
  if (colon <= 0)
    throw new ImageError("invalid-request", `the field "auth" is damaged in ${place}`);
  return {
    kind: "password",
    username: decoded.slice(0, colon),
    password: decoded.slice(colon + 1),
  };
}

function credentialsOf(answer: HelperAnswer): Credentials | undefined {
  if (answer.kind !== "found") return undefined;
  // The protocol's mark for a refresh token (docker-credential-helpers, README).
  if (answer.username === "<token>") return { kind: "identity-token", token: answer.secret };
  return { kind: "password", username: answer.username, password: answer.secret };
}

function entries(object: object): [string, unknown][] {
  return Object.entries(object);
}
