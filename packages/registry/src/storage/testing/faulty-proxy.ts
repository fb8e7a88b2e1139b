import { once } from "node:events";
import { createServer, request } from "node:http";
import type { IncomingMessage, Server, ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** What happens to a request: S3 is busy, it never answers, or the answer breaks off after some bytes. */
export type Fault = "busy" | "silent" | { readonly cutAfter: number };

/** Stands between a store and its server, and does wrong to the next requests of a method. */
export class FaultyProxy implements AsyncDisposable {
  readonly #server: Server;
  readonly #faults: { readonly method: string; readonly fault: Fault }[] = [];
  /** Methods of all requests so far. */
  readonly methods: string[] = [];

  private constructor(target: string) {
    this.#server = createServer((incoming, response) => {
      this.methods.push(incoming.method ?? "");
      const index = this.#faults.findIndex(({ method }) => method === incoming.method);
      const [next] = index === -1 ? [] : this.#faults.splice(index, 1);
      if (next?.fault === "silent") return;
      if (next?.fault === "busy") {
        incoming.resume();
        response.writeHead(503, { connection: "close" }).end(BUSY);
      } else {
        forward(target, incoming, response, next?.fault.cutAfter);
      }
    });
  }

  /** @param target URL of the server */
  static async start(target: string): Promise<FaultyProxy> {
    const proxy = new FaultyProxy(target);
    proxy.#server.listen(0, "127.0.0.1");
    await once(proxy.#server, "listening");
    return proxy;
  }

  get endpoint(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`; // a TCP server that listens has one
  }

  /** The next requests of a method meet these faults, one each. */
  break(method: string, ...faults: readonly Fault[]): void {
    for (const fault of faults) this.#faults.push({ method, fault });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.close();
    this.#server.closeAllConnections();
    await once(this.#server, "close");
  }
}

const BUSY = `<?xml version="1.0"?><Error><Code>SlowDown</Code><Message>Reduce your request rate.</Message></Error>`;

/** Headers stay as they are: they are signed. */
function forward(
  target: string,
  incoming: IncomingMessage,
  response: ServerResponse,
  cutAfter = Infinity,
): void {
  const { method = "GET", url = "/", headers } = incoming;
  const outgoing = request(new URL(url, target), { method, headers, agent: false }, (answer) => {
    response.writeHead(answer.statusCode ?? 502, answer.headers);
    let left = cutAfter;
    answer.on("data", (chunk: Buffer) => {
      response.write(chunk.subarray(0, left), () => {
        if (left <= 0) response.destroy();
      });
      left -= chunk.length;
    });
    answer.on("end", () => response.end());
    answer.on("error", () => response.destroy());
  });
  outgoing.on("error", () => response.destroy());
  incoming.on("error", () => outgoing.destroy());
  incoming.pipe(outgoing);
}
