import { STATUS_CODES } from "node:http";
import type { Duplex } from "node:stream";
import { RegistryError } from "./registry-error.ts";

/** What Node could not even read as a request, by its error code. */
const REFUSALS: Readonly<Record<string, { readonly status: number; readonly message: string }>> = {
  HPE_HEADER_OVERFLOW: { status: 431, message: "the headers are longer than the server takes" },
  ERR_HTTP_REQUEST_TIMEOUT: { status: 408, message: "the headers took too long" },
};
const MALFORMED = { status: 400, message: "this is not a request of HTTP" };

/** Answers a connection on which no request could be read, and closes it (RFC 9112, 2.2). */
export function refuseConnection(error: Error & { readonly code?: string }, socket: Duplex): void {
  if (error.code === "ECONNRESET" || !socket.writable) {
    socket.destroy();
    return;
  }
  const { status, message } = REFUSALS[error.code ?? ""] ?? MALFORMED;
  const body = Buffer.from(new RegistryError("UNSUPPORTED", message, { status }).body, "utf8");
  const head =
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\nContent-Type: application/json\r\n` +
    `Content-Length: ${body.length}\r\nConnection: close\r\n\r\n`;
  socket.end(Buffer.concat([Buffer.from(head, "latin1"), body]));
}
