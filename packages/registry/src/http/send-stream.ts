import type { ServerResponse } from "node:http";
import { ClientGone } from "./exchange.ts";
import type { Exchange } from "./exchange.ts";

/**
 * Answers with text of unknown length. The next piece is asked for when the last one is with the kernel, so a slow
 * client holds up what makes the pieces and costs no memory. HEAD takes none.
 *
 * @throws {ClientGone} when the client leaves before the end; an error of the pieces breaks the connection off, so that
 *   nobody takes what came for the whole
 */
export async function sendStream(
  exchange: Exchange,
  headers: Readonly<Record<string, string>>,
  pieces: AsyncIterable<string>,
): Promise<void> {
  const { response } = exchange;
  const head = { "X-Request-Id": exchange.id, "X-Content-Type-Options": "nosniff", ...headers };
  if (exchange.isHead) {
    response.writeHead(200, head).end();
    return;
  }
  for await (const piece of pieces) {
    if (!response.headersSent) response.writeHead(200, head);
    if (piece !== "") await sendPiece(response, piece);
  }
  if (!response.headersSent) response.writeHead(200, head);
  response.end();
}

function sendPiece(response: ServerResponse, piece: string): Promise<void> {
  if (response.destroyed) return Promise.reject(new ClientGone());
  return new Promise((resolve, reject) => {
    // Once a client has sent its FIN, what is written may never get its callback.
    const left = (): void => reject(new ClientGone());
    response.once("close", left);
    response.write(piece, (error) => {
      response.off("close", left);
      if (error === null || error === undefined) resolve();
      else reject(new ClientGone());
    });
  });
}
