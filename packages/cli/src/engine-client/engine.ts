import { existsSync, readFileSync } from "node:fs";
import http from "node:http";
import https from "node:https";
import { join } from "node:path";

import { type ByteSink, ImageError } from "@wharf/image";

import type { Environment } from "../transports/environment.ts";
import { exchange, type HttpResponse } from "../transports/http/exchange.ts";
import { TransportError } from "../transports/transport-error.ts";
import {
  type EngineAddress,
  engineAddresses,
  formatEngineAddress,
  knownSockets,
} from "./engine-address.ts";
import { explainEngineFailure } from "./explain-engine-failure.ts";

/** A request to the engine; `path` starts with a slash and has no version. */
export interface EngineRequest {
  readonly method: "GET" | "POST";
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: (sink: ByteSink) => Promise<void>;
  /** Exact length of the body in bytes. */
  readonly bodySize?: number;
  readonly signal?: AbortSignal | undefined;
}

/** How long a ping may take in milliseconds. Loading and saving have no limit: the engine works, the user can stop. */
const PING_PATIENCE = 20_000;
const ERROR_BYTES = 64 * 1024;

/** A container engine that speaks Docker's API: Docker itself or podman. */
export class Engine implements Disposable {
  /** As `DOCKER_HOST` would say it. */
  readonly address: string;
  readonly #origin: URL;
  readonly #agent: http.Agent;
  readonly #socketPath: string | undefined;

  private constructor(address: EngineAddress) {
    this.address = formatEngineAddress(address);
    const secure = address.kind === "tcp" && address.tls !== undefined;
    this.#origin = new URL(
      address.kind === "unix"
        ? "http://engine"
        : `${secure ? "https" : "http"}://${address.host}:${address.port}`,
    );
    this.#agent = agentFor(address);
    this.#socketPath = address.kind === "unix" ? address.path : undefined;
  }

  /**
   * Finds the engine and asks for the version of its API.
   *
   * @throws {TransportError} `unreachable` or `denied`, with the next step
   * @throws {ImageError} `invalid-request` for a `DOCKER_HOST` that cannot be used
   */
  static async connect(env: Environment, signal?: AbortSignal): Promise<Engine> {
    const addresses = await engineAddresses(env);
    let failure: TransportError | undefined;
    for (const address of addresses) {
      const engine = new Engine(address);
      try {
        await engine.#ping(signal);
        return engine;
      } catch (error) {
        engine[Symbol.dispose]();
        if (!(error instanceof TransportError)) throw error;
        // A socket we may not open tells more than one nobody listens on.
        if (failure === undefined || error.code === "denied") failure = error;
      }
    }
    throw failure ?? noEngine(env);
  }

  /**
   * Sends one request.
   *
   * @returns an answer below 400; its body must be read or discarded
   * @throws {ImageError} `not-found` for 404, with the engine's message
   * @throws {TransportError} with the engine's message, or why there is no answer
   */
  async request(request: EngineRequest): Promise<HttpResponse> {
    const response = await this.#send(request, Infinity);
    if (response.status < 400) return response;
    const message = messageOf(await response.bytes(ERROR_BYTES).catch(() => Buffer.alloc(0)));
    const said = message === "" ? `HTTP status ${response.status}` : message;
    if (response.status === 404)
      throw new ImageError("not-found", `the engine at ${this.address} says: ${said}`);
    if (response.status === 401 || response.status === 403) {
      throw new TransportError("denied", `the engine at ${this.address} refuses: ${said}`);
    }
    throw new TransportError("refused", `the engine at ${this.address} says: ${said}`);
  }

  /**
   * Gets a JSON document of at most `limit` bytes.
   *
   * @throws as {@link request}, and {TransportError} `refused` when it is no JSON
   */
  async json(path: string, limit: number, signal?: AbortSignal): Promise<unknown> {
    const response = await this.request({ method: "GET", path, signal });
    const text = Buffer.from(await response.bytes(limit)).toString("utf8");
    try {
      return JSON.parse(text);
    } catch (cause) {
      throw new TransportError(
        "refused",
        `the engine at ${this.address} answers ${path} with no JSON`,
        { cause },
      );
    }
  }

  [Symbol.dispose](): void {
    this.#agent.destroy();
  }

  async #ping(signal: AbortSignal | undefined): Promise<void> {
    const response = await this.#send({ method: "GET", path: "/_ping", signal }, PING_PATIENCE);
    await response.bytes(ERROR_BYTES);
    if (response.status !== 200) {
      throw new TransportError(
        "refused",
        `${this.address} is no engine: it answers /_ping with ${response.status}`,
      );
    }
    const version = response.headers["api-version"];
    // Unversioned paths work everywhere today, but Docker has announced their end.
    if (typeof version === "string" && /^\d+\.\d+$/.test(version))
      this.#origin.pathname = `/v${version}`;
  }

  async #send(request: EngineRequest, patience: number): Promise<HttpResponse> {
    const { path, ...rest } = request;
    const url = new URL(this.#origin.pathname.replace(/\/$/, "") + path, this.#origin);
    try {
      return await exchange({
        ...rest,
        url,
        agent: this.#agent,
        socketPath: this.#socketPath,
        patience,
      });
    } catch (error) {
      throw explainEngineFailure(error, this.address);
    }
  }
}

function agentFor(address: EngineAddress): http.Agent {
  if (address.kind === "unix" || address.tls === undefined)
    return new http.Agent({ keepAlive: true });
  const { folder, verify } = address.tls;
  return new https.Agent({ keepAlive: true, rejectUnauthorized: verify, ...certificates(folder) });
}

function certificates(folder: string): https.AgentOptions {
  const read = (name: string) => {
    const path = join(folder, name);
    if (folder === "" || !existsSync(path)) return {};
    return { [name.replace(/\.pem$/, "")]: readFileSync(path) };
  };
  return { ...read("ca.pem"), ...read("cert.pem"), ...read("key.pem") };
}

function noEngine(env: Environment): TransportError {
  return new TransportError("unreachable", "no container engine found", {
    hint:
      `start Docker or podman (systemctl start docker, systemctl start podman.socket) or set DOCKER_HOST; ` +
      `looked for ${knownSockets(env).join(", ")}`,
  });
}

/** Docker and podman answer `{"message": "..."}`. */
function messageOf(body: Uint8Array): string {
  const text = Buffer.from(body).toString("utf8");
  try {
    const parsed: unknown = JSON.parse(text);
    const message =
      typeof parsed === "object" && parsed !== null ? Reflect.get(parsed, "message") : undefined;
    if (typeof message === "string") return message.trim();
  } catch {
    // no JSON: shown as it is
  }
  return text.trim().slice(0, 500);
}
