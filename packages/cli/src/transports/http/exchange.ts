// Long for one noun: an HTTP exchange has its request, its response and its clock, and each needs the other two.
import http from "node:http";
import https from "node:https";

import { type ByteSink, ImageError } from "@wharf/image";

import { TransportError } from "../transport-error.ts";

/** One HTTP request. Redirects are not followed, errors of the server are not thrown: the caller decides. */
export interface HttpRequest {
  readonly method: string;
  /** `http:` or `https:`. With a socket path its host is only the Host header. */
  readonly url: URL;
  readonly headers?: Readonly<Record<string, string>>;
  /** The agent that holds connections, certificates, or proxy. */
  readonly agent: http.Agent;
  /** Path of a Unix socket to go through. */
  readonly socketPath?: string | undefined;
  /** A body at hand, or one that is written as it is made; without `bodySize` it goes out chunked. */
  readonly body?: Uint8Array | ((sink: ByteSink) => Promise<void>);
  /** Exact length of a body that is written as it is made. */
  readonly bodySize?: number;
  readonly signal?: AbortSignal | undefined;
  /** Longest time in milliseconds that the other side may be silent while we wait for it; Infinity for no limit. */
  readonly patience: number;
}

/** The answer; its body must be read to the end, or discarded. */
export interface HttpResponse {
  readonly status: number;
  readonly headers: http.IncomingHttpHeaders;
  /** All values of one header, in order. */
  values(name: string): readonly string[];
  /**
   * The body as it comes.
   *
   * @throws {TransportError} `interrupted` when the connection breaks, the other side falls silent, or less comes
   *   than Content-Length says
   */
  readonly body: AsyncIterable<Uint8Array>;
  /**
   * The whole body.
   *
   * @throws {ImageError} `limit` when it has more than `limit` bytes
   */
  bytes(limit: number): Promise<Uint8Array>;
  /** Drops what is left of the body. */
  discard(): void;
}

/** Bytes of an unread body that are read away to keep a connection. */
const READ_TO_REUSE = 64 * 1024;

/**
 * Sends a request and waits for the head of the answer. An answer that comes before the body is out (an error, most
 * often) ends the sending.
 *
 * @throws {TransportError} `interrupted` when the other side is silent for too long
 * @throws the system's error when there is no connection, the reason of the signal when it is aborted, and whatever
 *   the maker of the body throws
 */
export async function exchange(request: HttpRequest): Promise<HttpResponse> {
  request.signal?.throwIfAborted();
  const clock = new Clock(request);
  const outgoing = send(request);
  const answered = answerTo(outgoing);
  try {
    await writeBody(request, outgoing, answered, clock);
    const message = await clock.within(answered, () => outgoing.destroy());
    return new NodeResponse(message, outgoing, clock, request);
  } catch (error) {
    answered.catch(() => {}); // told already
    outgoing.destroy();
    throw request.signal?.aborted === true ? request.signal.reason : error;
  }
}

/** Where a request goes, fit for a message: no credentials, no query (signed URLs carry secrets there). */
export function shownUrl(url: URL): string {
  return `${url.protocol}//${url.host}${url.pathname}`;
}

function send(request: HttpRequest): http.ClientRequest {
  const { body, bodySize = body instanceof Uint8Array ? body.length : undefined } = request;
  const headers: Record<string, string> = { ...request.headers };
  if (bodySize !== undefined) headers["content-length"] = String(bodySize);
  else if (body !== undefined) headers["transfer-encoding"] = "chunked";
  else if (request.method !== "GET" && request.method !== "HEAD") headers["content-length"] = "0";
  const { request: open } = request.url.protocol === "https:" ? https : http;
  return open(request.url, {
    method: request.method,
    headers,
    agent: request.agent,
    maxHeaderSize: 64 * 1024,
    ...(request.socketPath === undefined ? {} : { socketPath: request.socketPath }),
    ...(request.signal === undefined ? {} : { signal: request.signal }),
  });
}

function answerTo(outgoing: http.ClientRequest): Promise<http.IncomingMessage> {
  return new Promise((resolve, reject) => {
    outgoing.once("response", resolve);
    // Stays for good: a broken connection may be told again after the answer.
    outgoing.on("error", reject);
    outgoing.once("close", () =>
      reject(new TransportError("interrupted", "the connection was closed")),
    );
  });
}

async function writeBody(
  request: HttpRequest,
  outgoing: http.ClientRequest,
  answered: Promise<http.IncomingMessage>,
  clock: Clock,
): Promise<void> {
  const { body, bodySize } = request;
  if (typeof body !== "function") {
    outgoing.end(body);
    return;
  }
  let sent = 0;
  let early: http.IncomingMessage | undefined;
  const stop = answered.then((message) => {
    early = message;
    throw new Error("answered before the end of the body");
  });
  stop.catch(() => {}); // told to the maker of the body by its next chunk
  try {
    await body(async (chunk) => {
      const flushed = clock.within(written(outgoing, chunk), () => outgoing.destroy());
      sent += chunk.length;
      await Promise.race([flushed, stop]);
    });
  } catch (error) {
    if (early === undefined) throw error;
  }
  if (early === undefined && bodySize !== undefined && sent !== bodySize) {
    throw new Error(`the body has ${sent} bytes, ${bodySize} were announced`);
  }
  if (early === undefined || sent === bodySize) {
    outgoing.end();
  } else if ((early.statusCode ?? 0) < 300) {
    throw new TransportError(
      "interrupted",
      `${request.url.host} answered before it had everything`,
    );
  }
}

/** Settles when the chunk has left our memory, so that its maker may use it again. */
function written(outgoing: http.ClientRequest, chunk: Uint8Array): Promise<void> {
  return new Promise((resolve, reject) => {
    outgoing.write(chunk, (error) => (error == null ? resolve() : reject(error)));
  });
}

class NodeResponse implements HttpResponse {
  readonly status: number;
  readonly headers: http.IncomingHttpHeaders;
  readonly #message: http.IncomingMessage;
  readonly #outgoing: http.ClientRequest;
  readonly #clock: Clock;
  readonly #request: HttpRequest;

  constructor(
    message: http.IncomingMessage,
    outgoing: http.ClientRequest,
    clock: Clock,
    request: HttpRequest,
  ) {
    this.status = message.statusCode ?? 0;
    this.headers = message.headers;
    this.#message = message;
    this.#outgoing = outgoing;
    this.#clock = clock;
    this.#request = request;
    // An unread body may break as well; whoever reads it learns of it from the iterator.
    message.on("error", () => {});
  }

  values(name: string): readonly string[] {
    return this.#message.headersDistinct[name] ?? [];
  }

  get body(): AsyncIterable<Uint8Array> {
    return this.#read();
  }

  async bytes(limit: number): Promise<Uint8Array> {
    const chunks: Uint8Array[] = [];
    let size = 0;
    for await (const chunk of this.#read()) {
      size += chunk.length;
      if (size > limit) {
        throw new ImageError(
          "limit",
          `${shownUrl(this.#request.url)} answers with more than ${limit} bytes`,
        );
      }
      chunks.push(chunk);
    }
    return Buffer.concat(chunks, size);
  }

  discard(): void {
    const rest =
      this.#request.method === "HEAD" ? 0 : Number(this.headers["content-length"] ?? Infinity);
    // A short rest is read so that the connection can be used again, a long one isn't worth it.
    if (rest < READ_TO_REUSE && this.#outgoing.writableEnded) this.#message.resume();
    else this.#message.destroy();
  }

  async *#read(): AsyncGenerator<Uint8Array, void, undefined> {
    const message = this.#message;
    const chunks = message.iterator({ destroyOnReturn: true })[Symbol.asyncIterator]();
    try {
      for (;;) {
        const next = await this.#clock.within(chunks.next(), () => message.destroy());
        if (next.done === true) break;
        yield next.value as Uint8Array; // no encoding is set, so chunks are Buffers
      }
      if (!message.complete) throw new Error("aborted");
    } catch (error) {
      if (this.#request.signal?.aborted === true) throw this.#request.signal.reason;
      if (error instanceof TransportError) throw error;
      throw new TransportError("interrupted", `the connection to ${this.#request.url.host} broke`, {
        cause: error,
      });
    } finally {
      // The reader stopped early, or the answer came before our body was out.
      if (!message.complete || !this.#outgoing.writableEnded) message.destroy();
    }
  }
}

/** Limits the time we wait for the other side; the time it waits for us does not count. */
class Clock {
  readonly #patience: number;
  readonly #host: string;

  constructor(request: HttpRequest) {
    this.#patience = request.patience;
    this.#host = request.url.host;
  }

  async within<T>(promise: Promise<T>, giveUp: () => void): Promise<T> {
    if (this.#patience === Infinity) return await promise;
    const late = Promise.withResolvers<never>();
    const timer = setTimeout(() => {
      const seconds = Math.round(this.#patience / 100) / 10;
      late.reject(new TransportError("interrupted", `${this.#host} was silent for ${seconds} s`));
      giveUp();
    }, this.#patience);
    try {
      return await Promise.race([promise, late.promise]);
    } finally {
      clearTimeout(timer);
      promise.catch(() => {}); // lost the race
    }
  }
}
