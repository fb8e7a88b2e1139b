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
    else if (bytes.length > AT_ONCE) this.response.end(bytes);
    else this.response.end(latin1(bytes), "latin1");
  }

  /** Sends a JSON document. */
  sendJson(
    status: number,
    document: unknown,
    headers: Readonly<Record<string, string | number>> = {},
  ): void {
    this.send(status, { "Content-Type": "application/json", ...headers }, JSON.stringify(document));
  }

  /** Answers with an error; breaks the connection off when the response has begun already. */
  fail(error: RegistryError): void {
    this.refuse(error.status, { "Content-Type": "application/json", ...error.headers }, error.body);
  }

  /** As {@link fail}, with a body of one's own. */
  refuse(status: number, headers: Readonly<Record<string, string>>, body: string): void {
    if (this.response.headersSent) {
      this.response.destroy();
      return;
    }
    if (this.request.complete || !hasBody(this.request)) {
      this.send(status, headers, body);
      return;
    }
    // A body that nobody reads would stay in the connection: it is given up, so no request can hide in it.
    const { request, response } = this;
    const text = Buffer.from(body, "utf8");
    response.writeHead(status, {
      "Content-Length": text.length,
      "X-Request-Id": this.id,
      Connection: "close",
      ...headers,
    });
    // Closing now would reset the connection, and a client that still sends would never see the answer
    // (RFC 9112, 9.6). So the response is whole, but not ended before the client has read it, or had the time.
    if (!this.isHead) response.write(text);
    linger(request, () => response.end());
  }
}

/**
 * Bodies up to this size go out in one piece with their headers, in bytes: Node joins the two when both are text, which
 * costs a copy and spares the kernel a list of buffers.
 */
const AT_ONCE = 16 * 1024;

/** Text that Node writes as exactly these bytes. */
function latin1({ buffer, byteOffset, byteLength }: Uint8Array): string {
  return Buffer.from(buffer, byteOffset, byteLength).toString("latin1");
}

/** Why work for a client was given up. */
export class ClientGone extends Error {
  override readonly name = "ClientGone";

  constructor() {
    super("the client has left");
  }
}

/** Bytes of a body that are thrown away after an error, and how long, in milliseconds. */
const LINGER_BYTES = 64 * 1024 * 1024;
const LINGER_TIME = 5000;

/** Throws away what still comes, until it is enough; then `done` is called once. */
function linger(request: IncomingMessage, done: () => void): void {
  let left = LINGER_BYTES;
  const end = (): void => {
    clearTimeout(timer);
    request.off("data", drop).off("end", end).off("close", end).pause();
    done();
  };
  const drop = (chunk: Uint8Array): void => {
    left -= chunk.length;
    if (left < 0) end();
  };
  const timer = setTimeout(end, LINGER_TIME).unref();
  // What was asked for and never sent (Expect: 100-continue) does not come.
  request.on("data", drop).once("end", end).once("close", end);
}

function hasBody({ headers }: IncomingMessage): boolean {
  return (
    headers["transfer-encoding"] !== undefined ||
    (headers["content-length"] !== undefined && headers["content-length"] !== "0")
  );
}
