import { createServer } from "node:http";
import type { IncomingMessage, Server, ServerOptions, ServerResponse } from "node:http";
import { createServer as createSecureServer } from "node:https";
import type { Server as SecureServer } from "node:https";
import type { AddressInfo, Socket } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import type { ServerConfig } from "../config/config.ts";
import type { Logger } from "../log.ts";
import type { Metrics } from "../metrics.ts";
import { StorageError } from "../storage/blob-store.ts";
import type { Certificate } from "./certificates.ts";
import { ClientReader } from "./client-facts.ts";
import { ClientGone, Exchange } from "./exchange.ts";
import { refuseConnection } from "./refuse-connection.ts";
import { RegistryError } from "./registry-error.ts";

/** Answers a request, or throws what it is refused with. */
export type ExchangeHandler = (exchange: Exchange) => Promise<void>;

/** How long a client may take for the headers of a request, in milliseconds. */
const HEADERS_TIMEOUT = 60_000;

/** Longer than clients and proxies keep a connection, so that they close it and never send into a closed one. */
const KEEP_ALIVE_TIMEOUT = 95_000;

/** How long requests that were cut off may take to keep what they have, in milliseconds. */
const CUT_OFF_GRACE = 5000;

const OPTIONS: ServerOptions = {
  headersTimeout: HEADERS_TIMEOUT,
  keepAliveTimeout: KEEP_ALIVE_TIMEOUT,
  // A push may take hours; a client that stops sending is noticed by the idle timeout.
  requestTimeout: 0,
  noDelay: true,
};

export interface HttpServerParts {
  readonly config: ServerConfig;
  readonly certificate: Certificate | undefined;
  readonly logRequests: boolean;
  readonly log: Logger;
  readonly metrics: Metrics;
}

/** The HTTP server: connections, request ids, errors, log and metrics of requests. */
export class HttpServer {
  readonly server: Server | SecureServer;
  readonly #parts: HttpServerParts;
  readonly #clients: ClientReader;
  readonly #idPrefix = Date.now().toString(36);
  #handler: ExchangeHandler;
  #count = 0;
  /** What each connection works on now. */
  readonly #current = new WeakMap<Socket, Exchange>();
  #connections = 0;
  /** Requests that are being answered, those whose client has left included. */
  readonly #working = new Set<Promise<void>>();
  #isStopping = false;

  constructor(parts: HttpServerParts, handler: ExchangeHandler) {
    const { config, certificate } = parts;
    this.#parts = parts;
    this.#handler = handler;
    this.#clients = new ClientReader(
      certificate === undefined ? "http" : "https",
      config.trustedProxies,
    );
    this.server =
      certificate === undefined
        ? createServer(OPTIONS)
        : createSecureServer({ ...OPTIONS, cert: certificate.cert, key: certificate.key });
    const listener = (request: IncomingMessage, response: ServerResponse): void =>
      this.#serve(request, response);
    this.server.on("request", listener);
    this.server.on("checkContinue", listener);
    this.server.on("clientError", refuseConnection);
    this.server.maxConnections = config.maxConnections;
    this.server.setTimeout(config.idleTimeout, (socket: Socket) => this.#timeOut(socket));
    this.server.on("connection", (socket: Socket) => {
      this.#connections++;
      socket.once("close", () => this.#connections--);
    });
    parts.metrics.gauge("connections", () => this.#connections);
  }

  /** @returns the URL under which this machine reaches it */
  async listen(): Promise<string> {
    const { address, port, tls } = this.#parts.config;
    await new Promise<void>((resolve, reject) => {
      this.server.once("error", reject);
      this.server.listen({ host: address, port, backlog: 1024 }, () => {
        this.server.off("error", reject);
        resolve();
      });
    });
    const bound = this.server.address() as AddressInfo; // it listens at an address, not at a path
    const host =
      bound.address === "::" || bound.address === "0.0.0.0"
        ? "localhost"
        : bound.family === "IPv6"
          ? `[${bound.address}]`
          : bound.address;
    return `${tls === undefined ? "http" : "https"}://${host}:${bound.port}`;
  }

  /**
   * Takes no new requests; those under way may finish, until the time is over. Resolves when nothing works on any
   * request any more, so what came of one that was cut off is kept; what waits for something else is not waited for.
   */
  async stop(timeout: number): Promise<void> {
    this.#isStopping = true;
    const closed = new Promise<void>((resolve) => this.server.close(() => resolve()));
    this.server.closeIdleConnections();
    const timer = setTimeout(() => this.server.closeAllConnections(), timeout);
    await closed;
    clearTimeout(timer);
    await Promise.race([
      Promise.all(this.#working),
      delay(CUT_OFF_GRACE, undefined, { ref: false }),
    ]);
  }

  #serve(request: IncomingMessage, response: ServerResponse): void {
    const { config, log } = this.#parts;
    const { address, origin } = this.#clients.read(request);
    const id = requestId(request) ?? `${this.#idPrefix}-${(++this.#count).toString(36)}`;
    const exchange = new Exchange(request, response, {
      id,
      address,
      origin: config.url ?? origin,
    });
    this.#current.set(request.socket, exchange);
    this.#observe(exchange);
    if (this.#isStopping) response.shouldKeepAlive = false;
    const work = this.#answer(exchange).catch((error: unknown) => {
      log.error("an error could not be sent", { request: id, error: asError(error) });
      response.destroy();
    });
    this.#working.add(work);
    void work.finally(() => this.#working.delete(work));
  }

  async #answer(exchange: Exchange): Promise<void> {
    try {
      await this.#handler(exchange);
    } catch (error) {
      this.#refuse(exchange, error);
    }
  }

  #refuse(exchange: Exchange, error: unknown): void {
    exchange.failure = error;
    if (error instanceof ClientGone || exchange.response.destroyed) {
      exchange.response.destroy();
      return;
    }
    const refusal = asRegistryError(error);
    this.#countFailedLogin(exchange, refusal);
    if (refusal.status >= 500) {
      this.#parts.log.error("a request failed", {
        request: exchange.id,
        method: exchange.method,
        path: exchange.path,
        error: asError(error),
      });
    }
    exchange.fail(refusal);
  }

  #countFailedLogin(exchange: Exchange, { code }: RegistryError): void {
    const header = exchange.header("authorization");
    if (header === undefined) return;
    const { metrics } = this.#parts;
    if (code === "TOOMANYREQUESTS") metrics.authFailure("throttled");
    else if (code === "UNAUTHORIZED") {
      metrics.authFailure(/^bearer /i.test(header) ? "token" : "password");
    }
  }

  /** One count and, if wanted, one line for each request. */
  #observe(exchange: Exchange): void {
    const { request, response } = exchange;
    const { socket } = request;
    const start = performance.now();
    const readBefore = socket.bytesRead;
    const writtenBefore = socket.bytesWritten;
    response.once("close", () => {
      if (this.#current.get(socket) === exchange) this.#current.delete(socket);
      if (this.#isStopping) setImmediate(() => this.server.closeIdleConnections());
      const { log, logRequests, metrics } = this.#parts;
      const isWhole = response.writableFinished;
      const facts = {
        route: exchange.route,
        method: exchange.method,
        status: response.headersSent ? response.statusCode : 499,
        duration: performance.now() - start,
        bytesIn: Math.max(0, socket.bytesRead - readBefore),
        bytesOut: Math.max(0, socket.bytesWritten - writtenBefore),
      };
      metrics.request(facts);
      if (!logRequests) return;
      const { failure } = exchange;
      log.info("request", {
        request: exchange.id,
        method: facts.method,
        path: exchange.path,
        status: facts.status,
        ms: Math.round(facts.duration * 10) / 10,
        in: facts.bytesIn,
        out: facts.bytesOut,
        address: exchange.address,
        account: exchange.account,
        agent: exchange.header("user-agent")?.slice(0, 200),
        ...(isWhole ? {} : { brokenOff: true }),
        ...(failure instanceof RegistryError ? { code: failure.code } : {}),
      });
    });
  }

  /**
   * Nothing has moved on a connection for a while. When it waits for us (a squashed image is being made), it stays;
   * when it waits for the client, it is cut off.
   */
  #timeOut(socket: Socket): void {
    const exchange = this.#current.get(socket);
    const isOurs =
      exchange !== undefined &&
      exchange.request.complete &&
      exchange.response.writableLength === 0 &&
      socket.writableLength === 0;
    if (!isOurs) socket.destroy();
  }
}

/** An id that a proxy has given the request, when it is harmless. */
function requestId({ headers }: IncomingMessage): string | undefined {
  const id = headers["x-request-id"];
  return typeof id === "string" && /^[a-zA-Z0-9._-]{1,100}$/.test(id) ? id : undefined;
}

/** What a client is told of an error: faults of ours stay ours. */
export function asRegistryError(error: unknown): RegistryError {
  if (error instanceof RegistryError) return error;
  if (error instanceof StorageError && error.code === "full") {
    return new RegistryError("STORAGE_FULL", "the registry has no room for this", { cause: error });
  }
  if (error instanceof StorageError && error.code === "unavailable") {
    return new RegistryError("UNAVAILABLE", "the storage cannot be reached now", {
      headers: { "Retry-After": "5" },
      cause: error,
    });
  }
  return new RegistryError("UNKNOWN", "the registry has failed at this request", { cause: error });
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}
