import { once } from "node:events";
import {
  createServer,
  type IncomingMessage,
  type RequestListener,
  type ServerResponse,
} from "node:http";

import type { RegistryHost } from "../../transports/image-name.ts";

/** A server of a test that may do as it likes. */
export interface TestServer extends AsyncDisposable {
  /** `127.0.0.1:port`. */
  readonly host: RegistryHost;
  readonly url: string;
  /** All requests so far. */
  readonly requests: readonly IncomingMessage[];
}

/** Answers a request; what it throws or rejects with breaks the connection. */
export type Answer = (request: IncomingMessage, response: ServerResponse) => unknown;

/**
 * Starts an HTTP server on a free port of 127.0.0.1.
 *
 * @param address another address of this machine, to be another host
 */
export async function startServer(answer: Answer, address = "127.0.0.1"): Promise<TestServer> {
  const requests: IncomingMessage[] = [];
  const listener: RequestListener = (request, response) => {
    requests.push(request);
    request.on("error", () => {});
    response.on("error", () => {});
    Promise.try(answer, request, response).catch(() => response.destroy());
  };
  const server = createServer(listener);
  server.listen(0, address);
  await once(server, "listening");
  const bound = server.address();
  if (bound === null || typeof bound === "string") throw new Error("the server has no port");
  const host = `${address}:${bound.port}` as RegistryHost; // an address is one
  return {
    host,
    url: `http://${host}`,
    requests,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}
