import type { IncomingMessage, ServerResponse } from "node:http";
import { RegistryError } from "./registry-error.ts";

/** What a server knows of a request before anybody has looked at it. */
export interface ExchangeFacts {
  /** Names the request in logs and in `X-Request-Id`. */
  readonly id: string;
  /** Address of the client, that of the proxy's client when the proxy is trusted. */
  readonly address: string;
  /** Scheme and authority under which the client reached us, such as `https://registry.example.com`. */
  readonly origin: string;
}

/** One request and its response, for the paths that are served without a framework. */
export class Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly method: string;
  /** As it stands in the request line, still percent-encoded, without the query. */
  readonly path: string;
  readonly id: string;
  readonly address: string;
  readonly origin: string;
  /** Name of the endpoint, for metrics and log; set once that is known. */
  route = "other";
  /** Who it was, for the log; set once that is known. */
  account: string | undefined;
  /** Why it was refused or broken off, for the log. */
  failure: unknown;
  readonly #search: string;
  #query: URLSearchParams | undefined;
  #abort: AbortController | undefined;

  constructor(request: IncomingMessage, response: ServerResponse, facts: ExchangeFacts) {
    this.request = request;
    this.response = response;
    this.method = request.method ?? "GET";
    const url = request.url ?? "/";
    const mark = url.indexOf("?");
    this.path = mark < 0 ? url : url.slice(0, mark);
    this.#search = mark < 0 ? "" : url.slice(mark + 1);
    this.id = facts.id;
    this.address = facts.address;
    this.origin = facts.origin;
  }

  get isHead(): boolean {
    return this.method === "HEAD";
  }

  get query(): URLSearchParams {
    return (this.#query ??= new URLSearchParams(this.#search));
  }

  /** A request header; several of one name are joined by Node with `, `. */
  header(name: string): string | undefined {
    const value = this.request.headers[name];
    return Array.isArray(value) ? value.join(", ") : value;
  }

  /** Aborts when the client leaves before the response is complete. */
  get signal(): AbortSignal {
    if (this.#abort === undefined) {
      const controller = new AbortController();
      this.#abort = controller;
      const { response } = this;
      const leave = (): void => {
        if (!response.writableFinished) controller.abort(new ClientGone());
      };
      if (response.destroyed || response.closed) leave();
      else response.once("close", leave);
    }
    return this.#abort.signal;
  }

  /**
   * Sends a whole response. HEAD sends its headers alone, `Content-Length` included.
   *
   * @param body text is sent as UTF-8
   */
  send(
    status: number,
    headers: Readonly<Record<string, string | number>>,
    body: Uint8Array | string = "",
  ): void {
    const bytes = typeof body === "string" ? Buffer.from(body, "utf8") : body;
    const length = status === 204 || status === 304 ? {} : { "Content-Length": bytes.length };
    this.response.writeHead(status, { ...length, "X-Request-Id": this.id, ...headers });
    if (this.isHead || bytes.length === 0) this.response.end();
    else this.response.end(bytes);
  }

  /** Sends a JSON document. */
  sendJson(
    status: number,
    document: unknown,
    headers: Readonly<Record<string, string | number>> = {},
  ): void {
    this.send(
      status,
      { "Content-Type": "application/json", ...headers },
      JSON.stringify(document),
    );
  }

  /** Answers with an error; breaks the connection off when the response has begun already. */
  fail(error: RegistryError): void {
    if (this.response.headersSent) {
      this.response.destroy();
      return;
    }
    // A body that nobody reads would stay in the connection: it is given up, so no request can hide in it.
    const isRead = this.request.complete || !hasBody(this.request);
    const connection = isRead ? {} : { Connection: "close" };
    this.send(
      error.status,
      { "Content-Type": "application/json", ...connection, ...error.headers },
      error.body,
    );
  }
}

/** Why work for a client was given up. */
export class ClientGone extends Error {
  override readonly name = "ClientGone";

  constructor() {
    super("the client has left");
  }
}

function hasBody({ headers }: IncomingMessage): boolean {
  return (
    headers["transfer-encoding"] !== undefined ||
    (headers["content-length"] !== undefined && headers["content-length"] !== "0")
  );
}
