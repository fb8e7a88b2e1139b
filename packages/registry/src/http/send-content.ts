import { read } from "node:fs";
import type { ServerResponse } from "node:http";
import type { FileSlice } from "@wharf/image";
import { byteRange } from "./byte-range.ts";
import { ClientGone } from "./exchange.ts";
import type { Exchange } from "./exchange.ts";
import { RegistryError } from "./registry-error.ts";
import type { StoredObject } from "../storage/blob-store.ts";

/** Something of known length that never changes under its entity tag. */
export interface Content {
  /** Length in bytes. */
  readonly size: number;
  /** Strong entity tag with its quotes (RFC 9110, 8.8.3). */
  readonly etag: string;
  /** Further headers: type, digest, caching. */
  readonly headers: Readonly<Record<string, string>>;
  /** The bytes when they are in memory. */
  readonly bytes?: Uint8Array;
  /**
   * Opens the content for this response; not called for HEAD, 304 and 416.
   *
   * @param range the bytes that are needed
   */
  readonly open?: (range: { start: number; end: number }) => Promise<OpenContent>;
}

/** Content on its way; disposed when the response ends, however it ends. */
export interface OpenContent extends AsyncDisposable {
  /**
   * The bytes from `start` to `end` in pieces. A chunk may be reused, and a file closed, once the next piece is asked
   * for.
   */
  pieces(start: number, end: number): AsyncIterable<Piece>;
}

/** Bytes, or a stretch of an open file that holds them: the fastest way to a client. */
export type Piece = Uint8Array | FileSlice;

/** A stored object on its way. */
export function objectContent(object: StoredObject): OpenContent {
  const { slice } = object;
  return {
    async *pieces(start, end) {
      if (slice === undefined) yield* object.stream(start, end);
      else yield { fd: slice.fd, offset: slice.offset + start, size: end - start };
    },
    [Symbol.asyncDispose]: () => object[Symbol.asyncDispose](),
  };
}

/**
 * Answers GET and HEAD with content: whole, in part, or not at all when the client has it (RFC 9110, 13 and 14).
 * Resolves when the last byte was handed to the connection; rejects when the client left before.
 */
export async function sendContent(exchange: Exchange, content: Content): Promise<void> {
  const { size, etag } = content;
  const common = {
    ...content.headers,
    ETag: etag,
    "Accept-Ranges": "bytes",
    "X-Content-Type-Options": "nosniff",
  };
  if (isKnown(exchange.header("if-none-match"), etag)) {
    exchange.send(304, common);
    return;
  }
  const ifRange = exchange.header("if-range");
  // Ranges are for GET alone (RFC 9110, 14.2).
  const wanted =
    exchange.isHead || (ifRange !== undefined && ifRange !== etag)
      ? "whole"
      : byteRange(exchange.header("range"), size);
  if (wanted === "unsatisfiable") {
    throw new RegistryError("RANGE_INVALID", `the range is outside of the ${size} bytes`, {
      headers: { "Content-Range": `bytes */${size}` },
    });
  }
  const range = wanted === "whole" ? { start: 0, end: size } : wanted;
  const headers: Record<string, string | number> =
    wanted === "whole"
      ? common
      : { ...common, "Content-Range": `bytes ${range.start}-${range.end - 1}/${size}` };
  const status = wanted === "whole" ? 200 : 206;
  if (content.bytes !== undefined) {
    exchange.send(status, headers, content.bytes.subarray(range.start, range.end));
    return;
  }
  headers["Content-Length"] = range.end - range.start;
  headers["X-Request-Id"] = exchange.id;
  if (exchange.isHead || range.start === range.end) {
    exchange.response.writeHead(status, headers);
    exchange.response.end();
    return;
  }
  await using opened = await content.open?.(range);
  if (opened === undefined) throw new Error("content has neither bytes nor a way to open it");
  exchange.response.writeHead(status, headers);
  await sendRange(exchange, opened, range);
}

async function sendRange(
  exchange: Exchange,
  opened: OpenContent,
  { start, end }: { start: number; end: number },
): Promise<void> {
  const { response } = exchange;
  let left = end - start;
  for await (const piece of opened.pieces(start, end)) {
    const isChunk = piece instanceof Uint8Array;
    left -= isChunk ? piece.length : piece.size;
    if (left < 0) break;
    if (isChunk) await sendChunk(response, piece);
    else await sendSlice(response, piece);
    if (left === 0) break;
  }
  if (left !== 0) throw new Error(`${end - start} bytes were announced, there are ${left} less`);
  response.end();
}

/** Resolves when the chunk is with the kernel, and its memory is free again. */
function sendChunk(response: ServerResponse, chunk: Uint8Array): Promise<void> {
  if (response.destroyed) return Promise.reject(new ClientGone());
  return new Promise((resolve, reject) => {
    // Once a client has sent its FIN, Node ends the connection and keeps what is written then, without a callback.
    const left = (): void => reject(new ClientGone());
    response.once("close", left);
    response.write(chunk, (error) => {
      response.off("close", left);
      if (error === null || error === undefined) resolve();
      else reject(new ClientGone());
    });
  });
}

/** Bytes read at a time: less costs more calls, more leaves the processor's cache. */
const CHUNK = 256 * 1024;

/** Buffers that no response uses now; a response takes two. */
const idleBuffers: Buffer[] = [];
const MOST_IDLE_BUFFERS = 16;

/**
 * Two buffers take turns: one is read into while the other is on its way to the client. Node has no `sendfile`; this is
 * the fastest of what was measured, and works over TLS.
 */
function sendSlice(response: ServerResponse, { fd, offset, size }: FileSlice): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  let position = offset;
  const last = offset + size;
  const free = [takeBuffer(), takeBuffer()];
  let reading = false;
  let sending = 0;
  let failure: unknown;
  let isClosed = false;
  /**
   * The file may be closed and the buffers used again only when no call works with them any more. A connection that is
   * closed works with none, and what was written after the client's FIN never gets its callback.
   */
  const settle = (): void => {
    if (reading || (sending > 0 && !isClosed)) return;
    if (failure === undefined && position < last) return;
    response.off("close", left);
    for (const buffer of free) giveBuffer(buffer);
    free.length = 0;
    if (failure === undefined) resolve();
    else reject(failure);
  };
  const fail = (error: unknown): void => {
    failure ??= error;
    settle();
  };
  const left = (): void => {
    isClosed = true;
    fail(new ClientGone());
  };
  const readNext = (): void => {
    if (reading || failure !== undefined || position >= last) return;
    const buffer = free.pop();
    if (buffer === undefined) return;
    reading = true;
    const length = Math.min(CHUNK, last - position);
    read(fd, buffer, 0, length, position, (error, count) => {
      reading = false;
      if (error !== null || count === 0 || failure !== undefined) {
        free.push(buffer);
        fail(error ?? new Error("the stored object is shorter than its size"));
        return;
      }
      position += count;
      sending++;
      response.write(count === buffer.length ? buffer : buffer.subarray(0, count), (failed) => {
        sending--;
        free.push(buffer);
        if (failed !== null && failed !== undefined) failure ??= failed;
        readNext();
        settle();
      });
      readNext();
    });
  };
  response.once("close", left);
  if (response.destroyed) left();
  readNext();
  return promise;
}

function takeBuffer(): Buffer {
  return idleBuffers.pop() ?? Buffer.allocUnsafeSlow(CHUNK);
}

function giveBuffer(buffer: Buffer): void {
  if (idleBuffers.length < MOST_IDLE_BUFFERS) idleBuffers.push(buffer);
}

/** RFC 9110, 13.1.2: weak comparison against a list. */
function isKnown(header: string | undefined, etag: string): boolean {
  if (header === undefined) return false;
  if (header.trim() === "*") return true;
  return header.split(",").some((candidate) => candidate.trim().replace(/^W\//, "") === etag);
}
