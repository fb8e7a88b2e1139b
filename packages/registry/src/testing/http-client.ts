import { Agent, request } from "node:http";
import type { IncomingHttpHeaders } from "node:http";

/** Any JSON document; what is looked for and not there is undefined. */
export interface Json {
  readonly [key: string]: Json | undefined;
}

/** A text in a document. @throws when it is none */
export function textIn(value: Json | undefined): string {
  const found: unknown = value; // leaves are not objects
  if (typeof found === "string") return found;
  throw new Error(`a text was expected, not ${JSON.stringify(value)}`);
}

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
  /** The body as JSON. */
  readonly json: Json;
  /** Status and code of the first error, such as `404 BLOB_UNKNOWN`; the status alone when there is none. */
  readonly outcome: string;
  /** Detail of the first error. */
  readonly detail: Json | undefined;
}

export interface Ask {
  readonly headers?: Readonly<Record<string, string | readonly string[]>>;
  /** A stream is sent chunked. */
  readonly body?: string | Uint8Array | AsyncIterable<Uint8Array>;
  /** Value of `Authorization`; null: none. Default the client's. */
  readonly authorization?: string | null | undefined;
  readonly signal?: AbortSignal;
}

/** A client of one server over plain HTTP that changes nothing on the way: no redirects, no decoding, no retries. */
export class HttpClient implements Disposable {
  readonly port: number;
  readonly #authorization: string | undefined;
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 64 });

  constructor(port: number, authorization?: string) {
    this.port = port;
    this.#authorization = authorization;
  }

  get(path: string, ask: Ask = {}): Promise<Answer> {
    return this.ask("GET", path, ask);
  }

  head(path: string, ask: Ask = {}): Promise<Answer> {
    return this.ask("HEAD", path, ask);
  }

  put(path: string, body: Ask["body"], ask: Ask = {}): Promise<Answer> {
    return this.ask("PUT", path, { ...ask, ...(body === undefined ? {} : { body }) });
  }

  post(path: string, body?: Ask["body"], ask: Ask = {}): Promise<Answer> {
    return this.ask("POST", path, { ...ask, ...(body === undefined ? {} : { body }) });
  }

  patch(path: string, body: Ask["body"], ask: Ask = {}): Promise<Answer> {
    return this.ask("PATCH", path, { ...ask, ...(body === undefined ? {} : { body }) });
  }

  delete(path: string, ask: Ask = {}): Promise<Answer> {
    return this.ask("DELETE", path, ask);
  }

  /** @throws when the connection breaks before the answer is whole */
  ask(
    method: string,
    path: string,
    { headers, body, authorization, signal }: Ask,
  ): Promise<Answer> {
    const isWhole = body === undefined || typeof body === "string" || body instanceof Uint8Array;
    const credentials = authorization === undefined ? this.#authorization : authorization;
    const { promise, resolve, reject } = Promise.withResolvers<Answer>();
    const outgoing = request(
      {
        host: "127.0.0.1",
        port: this.port,
        agent: this.#agent,
        method,
        path,
        ...(signal === undefined ? {} : { signal }),
        headers: {
          ...(typeof credentials === "string" ? { authorization: credentials } : {}),
          // A GET has no body, whatever is given.
          ...(isWhole && method !== "GET" && method !== "HEAD"
            ? { "content-length": Buffer.byteLength(body ?? "") }
            : {}),
          ...(headers as Record<string, string | string[]>), // Node does not write into it
        },
      },
      (incoming) => {
        const chunks: Buffer[] = [];
        incoming.on("data", (chunk: Buffer) => chunks.push(chunk));
        incoming.on("error", reject);
        incoming.on("end", () => {
          resolve(answer(incoming.statusCode ?? 0, incoming.headers, Buffer.concat(chunks)));
        });
      },
    );
    outgoing.on("error", reject);
    if (method === "GET" || method === "HEAD") outgoing.end();
    else if (isWhole) outgoing.end(body);
    else void send(outgoing, body).catch((error: Error) => outgoing.destroy(error));
    return promise;
  }

  [Symbol.dispose](): void {
    this.#agent.destroy();
  }
}

async function send(
  outgoing: ReturnType<typeof request>,
  body: AsyncIterable<Uint8Array>,
): Promise<void> {
  for await (const chunk of body) {
    await new Promise<void>((resolve, reject) => {
      outgoing.write(chunk, (error) => (error ? reject(error) : resolve()));
    });
  }
  outgoing.end();
}

function answer(status: number, headers: IncomingHttpHeaders, body: Buffer): Answer {
  const parse = (): Json => JSON.parse(body.toString("utf8")) as Json; // whatever it is
  const firstError = (): Json | undefined => {
    const isJson = headers["content-type"]?.startsWith("application/json") === true;
    return isJson && status >= 400 && body.length > 0 ? parse()["errors"]?.["0"] : undefined;
  };
  return {
    status,
    headers,
    body,
    get json() {
      return parse();
    },
    get outcome() {
      const code = firstError()?.["code"];
      return code === undefined ? String(status) : `${status} ${textIn(code)}`;
    },
    get detail() {
      return firstError()?.["detail"];
    },
  };
}
