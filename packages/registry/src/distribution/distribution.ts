import type { RegistryContext } from "../context.ts";
import type { Exchange } from "../http/exchange.ts";
import { RegistryError } from "../http/registry-error.ts";
import { Blobs } from "./blobs.ts";
import type { VirtualBlobs } from "./blobs.ts";
import { listCatalog } from "./catalog.ts";
import { Manifests } from "./manifests.ts";
import type { VirtualManifests } from "./manifests.ts";
import { listReferrers } from "./referrers.ts";
import { parseRoute } from "./route.ts";
import type { Route } from "./route.ts";
import { Tags } from "./tags.ts";
import { Uploads } from "./uploads.ts";

type Handler = (exchange: Exchange) => Promise<void>;
type Handlers = Readonly<Partial<Record<string, Handler>>>;

/** By which clients know a registry of this protocol, also when it wants a login: `docker search` sends none otherwise. */
const API_VERSION = ["Docker-Distribution-API-Version", "registry/2.0"] as const;

/** The OCI distribution API (distribution-spec 1.1), everything under `/v2/`. */
export class Distribution implements AsyncDisposable {
  readonly #context: RegistryContext;
  readonly #blobs: Blobs;
  readonly #manifests: Manifests;
  readonly #tags: Tags;
  readonly #uploads: Uploads;

  /** @param uploadKey secret of all replicas, for the ids of uploads */
  constructor(
    context: RegistryContext,
    virtual: VirtualBlobs & VirtualManifests,
    uploadKey: Buffer,
  ) {
    this.#context = context;
    this.#blobs = new Blobs(context, virtual);
    this.#manifests = new Manifests(context, virtual);
    this.#tags = new Tags(context);
    this.#uploads = new Uploads(context, uploadKey);
  }

  /** Answers a request, or throws what it is refused with. */
  async handle(exchange: Exchange): Promise<void> {
    const route = parseRoute(exchange.path);
    if (route === undefined) {
      throw new RegistryError("UNSUPPORTED", "there is no such endpoint", { status: 404 });
    }
    exchange.route = route.kind;
    const handlers = this.#handlers(route);
    const handler = handlers[exchange.method] ?? (exchange.isHead ? handlers["GET"] : undefined);
    if (handler === undefined) {
      const allowed = Object.keys(handlers).flatMap((m) => (m === "GET" ? ["GET", "HEAD"] : [m]));
      throw new RegistryError("UNSUPPORTED", `${exchange.method} is not possible here`, {
        headers: { Allow: allowed.join(", ") },
      });
    }
    await handler(exchange);
  }

  #handlers(route: Route): Handlers {
    switch (route.kind) {
      case "base":
        return { GET: (exchange) => this.#base(exchange) };
      case "token": {
        const token: Handler = (exchange) => this.#context.accounts.handleToken(exchange);
        return { GET: token, POST: token };
      }
      case "catalog":
        return { GET: (exchange) => listCatalog(this.#context, exchange) };
      case "tags":
        return { GET: (exchange) => this.#tags.list(exchange, route.name) };
      case "referrers":
        return {
          GET: (exchange) => listReferrers(this.#context, exchange, route.name, route.digest),
        };
      case "manifest":
        return {
          GET: (exchange) => this.#manifests.get(exchange, route.name, route.reference),
          PUT: (exchange) => this.#manifests.put(exchange, route.name, route.reference),
          DELETE: (exchange) => this.#manifests.delete(exchange, route.name, route.reference),
        };
      case "blob":
        return {
          GET: (exchange) => this.#blobs.get(exchange, route.name, route.digest),
          DELETE: (exchange) => this.#blobs.delete(exchange, route.name, route.digest),
        };
      case "uploads":
        return { POST: (exchange) => this.#uploads.begin(exchange, route.name) };
      case "upload":
        return {
          GET: (exchange) => this.#uploads.status(exchange, route.name, route.id),
          PATCH: (exchange) => this.#uploads.append(exchange, route.name, route.id),
          PUT: (exchange) => this.#uploads.finish(exchange, route.name, route.id),
          DELETE: (exchange) => this.#uploads.cancel(exchange, route.name, route.id),
        };
    }
  }

  /** Clients ask here whether a login is needed, and try their password. */
  async #base(exchange: Exchange): Promise<void> {
    exchange.response.setHeader(...API_VERSION);
    const principal = await this.#context.accounts.authenticate(exchange);
    if (principal.kind === "anonymous") {
      throw this.#context.accounts.loginNeeded(exchange);
    }
    exchange.sendJson(200, {});
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#uploads[Symbol.asyncDispose]();
  }
}
