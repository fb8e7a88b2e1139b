// Long because it is one thing: the way of a request of the API from its path to its answer.
import { hash } from "node:crypto";
import type { AccountRow } from "../accounts/account-store.ts";
import { findAccountById, findAccountByName } from "../accounts/account-store.ts";
import { originOf } from "../accounts/caller.ts";
import { accountIdOf, principalName } from "../accounts/principal.ts";
import type { Principal } from "../accounts/principal.ts";
import type { Session } from "../accounts/sessions.ts";
import { findTeamByName } from "../accounts/team-store.ts";
import type { ApiContext } from "./api-context.ts";
import type { Exchange } from "../http/exchange.ts";
import { asRegistryError } from "../http/http-server.ts";
import { RegistryError } from "../http/registry-error.ts";
import { toRepositoryName } from "../repositories/repository-name.ts";
import type { Repository } from "../repositories/repository.ts";
import { Reply, SENT } from "./api-route.ts";
import type { ApiRequest, ApiRoute } from "./api-route.ts";
import { identifyCaller } from "./identify-caller.ts";
import { sendProblem } from "./problem-answer.ts";
import { RateLimit } from "./rate-limit.ts";
import { readJson, readQuery } from "./request-body.ts";
import { RouteTable } from "../http/route-table.ts";
import type { RouteMatch } from "../http/route-table.ts";

/**
 * `/api/v1`: finds the endpoint, tells who asks, checks their right, reads parameters and body, answers. All that is
 * the same for every endpoint is here, and is done by what the endpoint says of itself.
 */
export class Api {
  readonly #context: ApiContext;
  readonly #routes: RouteTable<ApiRoute>;
  readonly #limit: RateLimit;

  constructor(context: ApiContext, routes: readonly ApiRoute[]) {
    this.#context = context;
    this.#routes = new RouteTable(routes);
    this.#limit = new RateLimit(context.config.api.requestsPerMinute);
  }

  /** Answers everything, refusals included. */
  async handle(exchange: Exchange): Promise<void> {
    exchange.route = "api";
    try {
      await this.#answer(exchange);
    } catch (error) {
      const refusal = asRegistryError(error);
      exchange.failure = error;
      if (refusal.status >= 500 && !exchange.response.destroyed) {
        const { id, method, path } = exchange;
        const cause = error instanceof Error ? error : new Error(String(error));
        this.#context.log.error("a request failed", { request: id, method, path, error: cause });
      }
      if (exchange.response.destroyed) return;
      sendProblem(exchange, refusal);
    }
  }

  async #answer(exchange: Exchange): Promise<void> {
    const match = this.#find(exchange);
    const { endpoint } = match.route;
    const { accounts } = this.#context;
    const { principal, session } = await identifyCaller(this.#context, exchange);
    exchange.account = principalName(principal);
    const limits = this.#takeTurn(exchange, principal);
    const actor = { ...principal, from: originOf(exchange) };
    const { repository, namespace, team } = await this.#target(match, actor);
    await accounts.rights.require(actor, endpoint.right, {
      ...(repository === undefined ? {} : { repository }),
      ...nameOf(match),
      ...(namespace === undefined ? {} : { organization: namespace }),
      ...(team === undefined ? {} : { team }),
    });
    expectTarget(match, { repository, namespace });
    if (endpoint.fresh === true && session !== undefined) this.#expectFresh(session);
    const request: ApiRequest = {
      exchange,
      actor,
      session,
      path: match.parameters,
      query: readQuery(exchange, endpoint) as ApiRequest["query"], // of the endpoint's own schema
      body: await readJson(exchange, endpoint),
      get repository() {
        return present(repository, endpoint.id);
      },
      get namespace() {
        return present(namespace, endpoint.id);
      },
      context: this.#context,
      get signal() {
        return exchange.signal;
      },
    };
    const answer = await match.route.handle(request);
    if (answer !== SENT) send(exchange, match.route, answer, limits);
  }

  #find({ method, path }: Exchange): RouteMatch<ApiRoute> {
    const found = this.#routes.find(method, path);
    if (found.kind === "found") return found;
    if (found.kind === "none") throw new RegistryError("NOT_FOUND", "the API has no such path");
    const allowed = found.allowed.join(", ");
    throw new RegistryError("UNSUPPORTED", `${method} is not for this path, but ${allowed}`, {
      headers: { Allow: allowed },
    });
  }

  #takeTurn(exchange: Exchange, principal: Principal): Readonly<Record<string, string>> {
    const caller = String(accountIdOf(principal) ?? exchange.address);
    const { limit, remaining, reset, wait } = this.#limit.take(caller, this.#context.now());
    const headers = {
      "RateLimit-Limit": String(limit),
      "RateLimit-Remaining": String(remaining),
      "RateLimit-Reset": String(reset),
    };
    if (wait === 0) return headers;
    throw new RegistryError("TOOMANYREQUESTS", `more than ${limit} requests a minute`, {
      headers: { ...headers, "Retry-After": String(Math.ceil(wait / 1000)) },
    });
  }

  /** What the path names; undefined where there is no such thing. */
  async #target(
    { route, parameters }: RouteMatch<ApiRoute>,
    actor: Principal,
  ): Promise<{
    readonly repository: Repository | undefined;
    readonly namespace: AccountRow | undefined;
    readonly team: { readonly id: number; readonly name: string } | undefined;
  }> {
    const { read } = this.#context.database;
    const name = toRepositoryName(parameters["repository"] ?? "");
    const repository = name && (await this.#context.accounts.findRepository(name));
    const namespace = await this.#namespace(parameters["orgname"], actor);
    const isTeam = route.endpoint.right.startsWith("team.");
    const team =
      isTeam && namespace !== undefined
        ? await findTeamByName(read, namespace.id, parameters["teamname"] ?? "")
        : undefined;
    return { repository, namespace, team };
  }

  async #namespace(orgname: string | undefined, actor: Principal): Promise<AccountRow | undefined> {
    const { read } = this.#context.database;
    if (orgname === undefined) {
      const id = actor.kind === "account" && !actor.isRobot ? actor.accountId : undefined;
      return id === undefined ? undefined : findAccountById(read, id);
    }
    if (!/^[a-z0-9._-]{1,255}$/.test(orgname)) return undefined;
    const account = await findAccountByName(read, orgname);
    return account?.kind === "organization" ? account : undefined;
  }

  #expectFresh({ freshAt }: Session): void {
    const { config, now } = this.#context;
    if (now() - freshAt <= config.accounts.freshLoginTimeout) return;
    throw new RegistryError(
      "LOGIN_NOT_FRESH",
      "this needs your password again: POST /api/v1/signin/verify",
    );
  }
}

function nameOf({ parameters }: RouteMatch<ApiRoute>): { readonly repositoryName?: string } {
  const name = parameters["repository"]?.slice(0, 255);
  return name === undefined ? {} : { repositoryName: name };
}

/** Whoever has the right may know that there is nothing. */
function expectTarget(
  { parameters }: RouteMatch<ApiRoute>,
  found: {
    readonly repository: Repository | undefined;
    readonly namespace: AccountRow | undefined;
  },
): void {
  const { repository, orgname } = parameters;
  if (repository !== undefined && found.repository === undefined) {
    const name = repository.slice(0, 255);
    throw new RegistryError("NAME_UNKNOWN", `there is no repository ${name}`, { detail: { name } });
  }
  if (orgname !== undefined && found.namespace === undefined) {
    const name = orgname.slice(0, 255);
    throw new RegistryError("NOT_FOUND", `there is no organization ${name}`, { detail: { name } });
  }
}

function present<T>(value: T | undefined, id: string): T {
  if (value === undefined) throw new Error(`the path of ${id} does not name it`);
  return value;
}

function send(
  exchange: Exchange,
  { endpoint }: ApiRoute,
  answer: unknown,
  limits: Readonly<Record<string, string>>,
): void {
  const reply = answer instanceof Reply ? answer : new Reply(answer);
  const status = reply.status ?? endpoint.status;
  const headers = { ...limits, "Cache-Control": "private, no-cache", ...reply.headers };
  if (endpoint.answer === undefined || status === 204) {
    exchange.send(status, headers);
    return;
  }
  // Encoding by the schema keeps what the contract does not name inside.
  const text = JSON.stringify(endpoint.answer.parse(reply.document));
  if (endpoint.method !== "GET") {
    exchange.send(status, { ...headers, "Content-Type": "application/json" }, text);
    return;
  }
  const etag = `"${hash("sha256", text, "base64url").slice(0, 27)}"`;
  if (status === 200 && matches(exchange.header("if-none-match"), etag)) {
    exchange.send(304, { ...headers, ETag: etag });
    return;
  }
  exchange.send(status, { ...headers, ETag: etag, "Content-Type": "application/json" }, text);
}

/** RFC 9110, 13.1.2: compared weakly. */
function matches(header: string | undefined, etag: string): boolean {
  if (header === undefined) return false;
  return header.split(",").some((one) => {
    const text = one.trim();
    return text === "*" || text.replace(/^W\//, "") === etag;
  });
}
