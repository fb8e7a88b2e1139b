import { existsSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";

import { ImageError } from "@wharf/image";

import type { Environment } from "../transports/environment.ts";
import { contextAddress } from "./docker-context.ts";

/** Where an engine listens. */
export type EngineAddress =
  | { readonly kind: "unix"; readonly path: string }
  | {
      readonly kind: "tcp";
      readonly host: string;
      readonly port: number;
      readonly tls: EngineTls | undefined;
    };

/** Certificates for an engine behind TLS: `ca.pem`, `cert.pem` and `key.pem` in one folder. */
export interface EngineTls {
  readonly folder: string;
  /** Whether the engine's certificate must be right (`DOCKER_TLS_VERIFY`). */
  readonly verify: boolean;
}

/**
 * Where to look for an engine, the first that answers is taken: `DOCKER_HOST` alone if set, else the Docker context
 * in use, else the known sockets that exist: Docker's, rootless Docker's, Docker Desktop's, podman's.
 *
 * @throws {ImageError} `invalid-request` for a `DOCKER_HOST` that cannot be used
 */
export async function engineAddresses(env: Environment): Promise<readonly EngineAddress[]> {
  if (env["DOCKER_HOST"]) return [parseEngineHost(env["DOCKER_HOST"], "DOCKER_HOST", tlsOf(env))];
  const context = await contextAddress(env);
  if (context !== undefined) {
    return [
      parseEngineHost(
        context.host,
        `the Docker context ${context.name}`,
        context.tls ?? tlsOf(env),
      ),
    ];
  }
  return knownSockets(env)
    .filter((path) => existsSync(path))
    .map((path) => ({ kind: "unix", path }));
}

/** The sockets engines usually listen on, in the order they are tried. */
export function knownSockets(env: Environment): readonly string[] {
  const runtime = env["XDG_RUNTIME_DIR"];
  return [
    "/var/run/docker.sock",
    ...(runtime ? [join(runtime, "docker.sock")] : []),
    join(env["HOME"] || homedir(), ".docker/run/docker.sock"),
    ...(runtime ? [join(runtime, "podman/podman.sock")] : []),
    "/run/podman/podman.sock",
  ];
}

/** An address as `DOCKER_HOST` would say it. */
export function formatEngineAddress(address: EngineAddress): string {
  return address.kind === "unix"
    ? `unix://${address.path}`
    : `tcp://${address.host}:${address.port}`;
}

function parseEngineHost(text: string, origin: string, tls: EngineTls | undefined): EngineAddress {
  const [, scheme = "", rest = ""] = /^([a-z]+):\/\/(.*)$/s.exec(text) ?? [];
  switch (scheme) {
    case "unix":
      if (rest.startsWith("/")) return { kind: "unix", path: rest };
      throw invalid(
        origin,
        `${shown(text)} has no absolute path`,
        "for example unix:///var/run/docker.sock",
      );
    case "tcp":
    case "http":
    case "https":
      return parseTcp(text, rest, origin, scheme === "https" ? (tls ?? systemTls()) : tls);
    case "npipe":
      throw invalid(
        origin,
        `${shown(text)} is a Windows pipe, which Wharf does not speak`,
        "let Docker Desktop expose tcp://localhost:2375 and set DOCKER_HOST to it, or run wharf inside WSL",
      );
    case "ssh":
      throw invalid(
        origin,
        `${shown(text)} needs ssh, which Wharf does not speak`,
        "forward the socket: ssh -N -L /tmp/engine.sock:/var/run/docker.sock USER@HOST, then DOCKER_HOST=unix:///tmp/engine.sock",
      );
    default:
      throw invalid(
        origin,
        `${shown(text)} is no address of an engine`,
        "use unix:///path/to/socket or tcp://host:port",
      );
  }
}

function parseTcp(
  text: string,
  rest: string,
  origin: string,
  tls: EngineTls | undefined,
): EngineAddress {
  const url = URL.canParse(`http://${rest}`) ? new URL(`http://${rest}`) : undefined;
  if (url === undefined || url.hostname === "" || url.username !== "" || url.pathname !== "/") {
    throw invalid(
      origin,
      `${shown(text)} is not host and port`,
      "for example tcp://192.0.2.1:2376",
    );
  }
  // URL drops port 80 as http's default; Docker's defaults are 2375 and 2376.
  const port = Number(url.port || (/:80\/?$/.test(rest) ? 80 : tls === undefined ? 2375 : 2376));
  return { kind: "tcp", host: url.hostname, port, tls };
}

function tlsOf(env: Environment): EngineTls | undefined {
  if (!env["DOCKER_TLS_VERIFY"] && !env["DOCKER_TLS"]) return undefined;
  const folder =
    env["DOCKER_CERT_PATH"] || env["DOCKER_CONFIG"] || join(env["HOME"] || homedir(), ".docker");
  return { folder, verify: Boolean(env["DOCKER_TLS_VERIFY"]) };
}

/** TLS with the authorities that the system trusts and no certificate of ours. */
function systemTls(): EngineTls {
  return { folder: "", verify: true };
}

/** A password may stand before an `@`. */
function shown(text: string): string {
  return JSON.stringify(text.slice(0, 300).replace(/\/\/[^@/]*@/, "//***@"));
}

function invalid(origin: string, why: string, hint: string): ImageError {
  return new ImageError("invalid-request", `${origin} cannot be used: ${why}`, { hint });
}
