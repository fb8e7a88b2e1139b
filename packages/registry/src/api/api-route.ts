import type { Endpoint, PathParameters } from "@wharf/contract";
import type { z } from "zod";
import type { ApiContext } from "./api-context.ts";
import type { AccountRow } from "../accounts/account-store.ts";
import type { Principal } from "../accounts/principal.ts";
import type { Session } from "../accounts/sessions.ts";
import type { Exchange } from "../http/exchange.ts";
import type { Repository } from "../repositories/repository.ts";

type Output<Schema> = Schema extends z.ZodType ? z.output<Schema> : undefined;
/** What a handler gives; nothing for an endpoint without an answer. */
type Input<Schema> = Schema extends z.ZodType ? z.input<Schema> : void;

/** A request whose caller, right, parameters and body were checked already. */
export interface ApiRequest<
  Path extends string = string,
  Query extends z.ZodObject | undefined = z.ZodObject | undefined,
  Body extends z.ZodType | undefined = z.ZodType | undefined,
> {
  readonly exchange: Exchange;
  /** Who makes it; for use cases, with the address for the audit log. */
  readonly actor: Principal;
  /** Undefined: no browser. */
  readonly session: Session | undefined;
  /** Parameters of the path. */
  readonly path: PathParameters<Path>;
  readonly query: Output<Query>;
  readonly body: Output<Body>;
  /** Of the path. @throws {Error} when it has none: a fault of the endpoint */
  readonly repository: Repository;
  /** Of the path (`orgname`), a user's own account where it has none. @throws {Error} as `repository` */
  readonly namespace: AccountRow;
  readonly context: ApiContext;
  readonly signal: AbortSignal;
}

/** An answer that is more than its document. */
export class Reply<Document> {
  readonly document: Document;
  readonly headers: Readonly<Record<string, string>>;
  readonly status: number | undefined;

  constructor(
    document: Document,
    options: { readonly headers?: Readonly<Record<string, string>>; readonly status?: number } = {},
  ) {
    this.document = document;
    this.headers = options.headers ?? {};
    this.status = options.status;
  }
}

/** The handler has answered by itself (a stream, a page, a redirect). */
export const SENT = Symbol("sent");

export interface ApiRoute {
  readonly endpoint: Endpoint;
  readonly handle: (request: ApiRequest) => Promise<unknown>;
}

/**
 * Joins an endpoint of the contract with what answers it.
 *
 * @example
 * export const organizationRoutes: readonly ApiRoute[] = [
 *   serve(endpoints.getOrganization, async ({ context, actor, namespace }) => …),
 * ];
 */
export function serve<
  Path extends string,
  Query extends z.ZodObject | undefined,
  Body extends z.ZodType | undefined,
  Answer extends z.ZodType | undefined,
>(
  endpoint: Endpoint<Path, Query, Body, Answer>,
  handle: (
    request: ApiRequest<Path, Query, Body>,
  ) => Promise<Input<Answer> | Reply<Input<Answer>> | typeof SENT>,
): ApiRoute {
  return { endpoint, handle };
}
