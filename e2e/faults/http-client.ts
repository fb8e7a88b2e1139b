import { once } from "node:events";
import { Agent, request, type ClientRequest, type IncomingHttpHeaders } from "node:http";

/** Nothing takes that long unless it hangs, in milliseconds. */
const TIMEOUT = 60_000;

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

/** For error messages: status, and how the body begins. */
export function answerText({ status, body }: Answer): string {
  return `${status} ${body.toString("utf8", 0, 1000)}`;
}

export interface RequestOptions {
  readonly headers?: Readonly<Record<string, string>>;
  /** Pieces go out one after the other with `Transfer-Encoding: chunked`. */
  readonly body?: Buffer | AsyncIterable<Buffer>;
}

/** The connection broke before the whole answer was there; nobody knows what has become of the request. */
export class ConnectionLost extends Error {
  override readonly name = "ConnectionLost";
  /** What has come of the answer, if its headers have. */
  readonly part: Answer | undefined;

  constructor(part: Answer | undefined, cause: unknown) {
    super(`the connection was lost: ${String(cause)}`, { cause });
    this.part = part;
  }
}

/** Keeps its connections, as clients do. */
export class HttpClient implements Disposable {
  readonly #agent = new Agent({ keepAlive: true });
  readonly #authorization: string;

  constructor(name: string, password: string) {
    this.#authorization = `Basic ${Buffer.from(`${name}:${password}`).toString("base64")}`;
  }

  /** @throws {ConnectionLost} */
  async send(
    origin: string,
    method: string,
    path: string,
    { headers = {}, body }: RequestOptions = {},
  ): Promise<Answer> {
    const length = Buffer.isBuffer(body) ? { "Content-Length": String(body.length) } : {};
    const outgoing = request(new URL(path, origin), {
      agent: this.#agent,
      method,
      headers: { Authorization: this.#authorization, ...length, ...headers },
    });
    const answer = answerTo(outgoing);
    answer.catch(() => undefined); // awaited below; it may fail before
    if (body === undefined || Buffer.isBuffer(body)) outgoing.end(body);
    else await sendPieces(outgoing, body);
    return await answer;
  }

  [Symbol.dispose](): void {
    this.#agent.destroy();
  }
}

/** Until all are sent, or the answer came without waiting for them. */
async function sendPieces(outgoing: ClientRequest, pieces: AsyncIterable<Buffer>): Promise<void> {
  let isOver = false;
  const over = (): void => void (isOver = true);
  outgoing.once("response", over).once("close", over);
  outgoing.flushHeaders();
  try {
    for await (const piece of pieces) {
      if (isOver) return;
      if (outgoing.write(piece)) continue;
      const both = new AbortController();
      const events = ["drain", "close"].map((name) =>
        once(outgoing, name, { signal: both.signal }).catch(() => undefined),
      );
      await Promise.race(events);
      both.abort();
    }
    outgoing.end();
  } catch (error) {
    // A client that gives up in the middle.
    outgoing.destroy(error instanceof Error ? error : new Error(String(error)));
  }
}

function answerTo(outgoing: ClientRequest): Promise<Answer> {
  const { promise, resolve, reject } = Promise.withResolvers<Answer>();
  let part: (() => Answer) | undefined;
  let cause: unknown = "closed";
  const timer = setTimeout(() => {
    reject(new Error(`no answer to ${outgoing.method} ${outgoing.path} in ${TIMEOUT} ms`));
    outgoing.destroy();
  }, TIMEOUT);
  outgoing.on("response", (response) => {
    const chunks: Buffer[] = [];
    const { statusCode = 0, headers } = response;
    part = () => ({ status: statusCode, headers, body: Buffer.concat(chunks) });
    response.on("data", (chunk: Buffer) => chunks.push(chunk));
    response.on("error", (error) => (cause = error));
    response.on("end", () => {
      if (response.complete && part !== undefined) resolve(part());
    });
  });
  outgoing.on("error", (error) => (cause = error));
  outgoing.on("close", () => {
    clearTimeout(timer);
    reject(new ConnectionLost(part?.(), cause));
  });
  return promise;
}
