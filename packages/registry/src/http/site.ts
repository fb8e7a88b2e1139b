import fastify from "fastify";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import type { Server } from "node:http";
import type { IncomingMessage } from "node:http";
import { Api } from "../api/api.ts";
import { ROUTES } from "../api/routes.ts";
import type { RegistryContext } from "../context.ts";
import { searchRepositories } from "../repositories/search-repositories.ts";
import type { Exchange } from "./exchange.ts";
import { asRegistryError } from "./http-server.ts";
import { RegistryError } from "./registry-error.ts";

/** What the server has for a request that goes to Fastify. */
const exchanges = new WeakMap<IncomingMessage, Exchange>();

/**
 * Everything that is not a protocol of bytes: health, metrics, Docker's search. It has no port of its own, requests are
 * handed to it.
 *
 * @param isStopping tells that the server takes no new work
 */
export class Site implements AsyncDisposable {
  readonly #app: FastifyInstance;
  readonly #api: Api;

  private constructor(app: FastifyInstance, api: Api) {
    this.#app = app;
    this.#api = api;
  }

  static async create(
    context: RegistryContext,
    server: Server,
    isStopping: () => boolean,
  ): Promise<Site> {
    // The server exists already and has its own listener; Fastify only routes.
    const refuse = (error: Error, request: FastifyRequest, reply: FastifyReply): void => {
      const exchange = exchangeOf(request.raw);
      const refusal = refusalOf(error);
      exchange.failure = error;
      if (refusal.status >= 500) {
        const { id, method, path } = exchange;
        context.log.error("a request failed", { request: id, method, path, error });
      }
      void reply
        .code(refusal.status)
        .headers({
          ...refusal.headers,
          "x-request-id": exchange.id,
          "content-type": "application/json",
        })
        .send(refusal.body);
    };
    const app = fastify({
      serverFactory: () => server,
      logger: false,
      exposeHeadRoutes: true,
      // What is wrong before there is a route, such as a broken percent-encoding.
      frameworkErrors: refuse,
    });
    app.setErrorHandler(refuse);
    app.setNotFoundHandler(() => {
      throw new RegistryError("UNSUPPORTED", "there is no such page", { status: 404 });
    });
    app.addHook("onSend", async (request, reply) => {
      reply.header("x-request-id", exchangeOf(request.raw).id);
    });
    addRoutes(app, context, isStopping);
    await app.ready();
    return new Site(app, new Api(context, ROUTES));
  }

  handle(exchange: Exchange): Promise<void> {
    if (exchange.path.startsWith("/api/")) return this.#api.handle(exchange);
    exchanges.set(exchange.request, exchange);
    this.#app.routing(exchange.request, exchange.response);
    return Promise.resolve();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#app.close();
  }
}

/** Fastify's own refusals have a status, and a text that is for the client. */
function refusalOf(error: Error): RegistryError {
  const { statusCode } = error as Error & { readonly statusCode?: unknown }; // FastifyError has one
  const isRefusal = typeof statusCode === "number" && statusCode >= 400 && statusCode < 500;
  return isRefusal
    ? new RegistryError("UNSUPPORTED", error.message, { status: statusCode, cause: error })
    : asRegistryError(error);
}

function exchangeOf(request: IncomingMessage): Exchange {
  const exchange = exchanges.get(request);
  if (exchange === undefined) throw new Error("the request did not come through the server");
  return exchange;
}

function addRoutes(
  app: FastifyInstance,
  context: RegistryContext,
  isStopping: () => boolean,
): void {
  app.get("/healthz", (request) => {
    exchangeOf(request.raw).route = "health";
    return { status: "ok" };
  });

  app.get("/readyz", async (request, reply) => {
    exchangeOf(request.raw).route = "health";
    if (isStopping()) return reply.code(503).send({ status: "stopping" });
    const checks = await readiness(context);
    const isReady = Object.values(checks).every((text) => text === "ok");
    return reply.code(isReady ? 200 : 503).send({ status: isReady ? "ok" : "not ready", checks });
  });

  app.get("/metrics", async (request, reply) => {
    const exchange = exchangeOf(request.raw);
    exchange.route = "metrics";
    await checkObserver(context, exchange);
    const { contentType, body } = await context.metrics.render();
    return reply.header("content-type", contentType).send(body);
  });

  // `docker search` and old clients ask here (Docker Registry API v1).
  app.get("/v1/_ping", (request, reply) => {
    exchangeOf(request.raw).route = "search";
    return reply
      .headers({ "x-docker-registry-version": "0.9.0", "x-docker-registry-standalone": "true" })
      .send(true);
  });

  app.get("/v1/search", async (request) => {
    const exchange = exchangeOf(request.raw);
    exchange.route = "search";
    return await searchRepositories(context, exchange);
  });
}

async function readiness({ database, store }: RegistryContext): Promise<Record<string, string>> {
  const [db, blobs] = await Promise.allSettled([
    database.read.selectFrom("settings").select("key").limit(1).execute(),
    store.stat("readiness"),
  ]);
  return { database: outcome(db), storage: outcome(blobs) };
}

/** What is wrong is for the log, not for everybody. */
function outcome({ status }: PromiseSettledResult<unknown>): string {
  return status === "fulfilled" ? "ok" : "failed";
}

/** Metrics tell how a registry is used: this machine and superusers may see them. */
async function checkObserver({ accounts }: RegistryContext, exchange: Exchange): Promise<void> {
  const isLocal = exchange.address === "127.0.0.1" || exchange.address === "::1";
  // What came through a proxy that is not configured looks local and is not.
  const isForwarded =
    exchange.header("x-forwarded-for") !== undefined || exchange.header("forwarded") !== undefined;
  if (isLocal && !isForwarded) return;
  const principal = await accounts.authenticate(exchange);
  if (principal.kind === "account" && principal.isSuperuser) return;
  if (principal.kind === "anonymous") {
    throw new RegistryError("UNAUTHORIZED", "metrics are for superusers and this machine", {
      headers: { "WWW-Authenticate": accounts.challenge(exchange) },
    });
  }
  throw new RegistryError("DENIED", "metrics are for superusers and this machine");
}
