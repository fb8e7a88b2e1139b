import { connect } from "node:net";
import type { Socket } from "node:net";

/** An answer without its body, which is read and thrown away unless it is short. */
export interface Answer {
  readonly status: number;
  /** The header lines as they came. */
  readonly head: string;
  readonly body: Buffer;
}

/** Longer bodies are not kept. */
const KEPT_BODY = 64 * 1024;

/**
 * One kept HTTP/1.1 connection for writes, which the load program does not do. Much less work than `fetch`, so that the
 * client does not take the processor from the server. Understands only answers with Content-Length or without a body.
 */
export class Connection implements Disposable {
  readonly #socket: Socket;
  readonly #host: string;
  #chunks: Buffer[] = [];
  #waiting: PromiseWithResolvers<Answer> | undefined;
  #head: { status: number; head: string } | undefined;
  #left = 0;
  #rest: Buffer = Buffer.alloc(0);
  #isHead = false;

  private constructor(socket: Socket, host: string) {
    this.#socket = socket;
    this.#host = host;
    socket.on("data", (chunk: Buffer) => this.#take(chunk));
    socket.on("error", (error) => this.#waiting?.reject(error));
    socket.on("close", () => this.#waiting?.reject(new Error(`${host} closed the connection`)));
  }

  /** @param host such as `127.0.0.1:5000` */
  static async open(host: string): Promise<Connection> {
    const [address = "", port = ""] = host.split(":");
    const socket = connect({ host: address, port: Number(port), noDelay: true });
    await new Promise<void>((resolve, reject) => {
      socket.once("connect", resolve);
      socket.once("error", reject);
    });
    return new Connection(socket, host);
  }

  /** @param path with its query, or a URL that the server has named */
  async request(
    method: string,
    path: string,
    headers: Readonly<Record<string, string>> = {},
    body?: Buffer,
  ): Promise<Answer> {
    this.#isHead = method === "HEAD";
    this.#waiting = Promise.withResolvers();
    const { promise } = this.#waiting;
    const target = path.startsWith("http") ? path.slice(path.indexOf("/", 8)) : path;
    const length =
      body === undefined && method === "GET" ? {} : { "Content-Length": body?.length ?? 0 };
    const lines = Object.entries({ Host: this.#host, ...length, ...headers });
    const text = lines.map(([name, value]) => `${name}: ${value}\r\n`).join("");
    const head = Buffer.from(`${method} ${target} HTTP/1.1\r\n${text}\r\n`);
    if (body === undefined || body.length === 0) {
      this.#socket.write(head);
    } else if (body.length <= KEPT_BODY) {
      this.#socket.write(Buffer.concat([head, body]));
    } else {
      this.#socket.write(head);
      this.#socket.write(body);
    }
    return await promise;
  }

  [Symbol.dispose](): void {
    this.#socket.destroy();
  }

  #take(chunk: Buffer): void {
    let data = chunk;
    if (this.#head === undefined) {
      data = this.#rest.length === 0 ? data : Buffer.concat([this.#rest, data]);
      const close = data.indexOf("\r\n\r\n");
      if (close < 0) {
        this.#rest = data;
        return;
      }
      const head = data.toString("latin1", 0, close);
      const status = Number(head.slice(9, 12));
      const hasBody = !this.#isHead && status !== 204 && status >= 200;
      this.#head = { status, head };
      this.#left = hasBody ? Number(/\r\ncontent-length: *(\d+)/i.exec(head)?.[1] ?? 0) : 0;
      this.#rest = Buffer.alloc(0);
      data = data.subarray(close + 4);
    }
    this.#left -= data.length;
    if (data.length > 0) this.#chunks.push(data);
    if (this.#chunks.length > 1000) this.#chunks = []; // a long body: nobody wants it
    if (this.#left > 0) return;
    const answer = { ...this.#head, body: Buffer.concat(this.#chunks) };
    this.#chunks = [];
    this.#head = undefined;
    this.#waiting?.resolve(answer);
  }
}

/** A field of an answer's head. @throws when it is missing */
export function field(answer: Answer, name: string): string {
  const value = new RegExp(`\r\n${name}: *([^\r]*)`, "i").exec(answer.head)?.[1];
  if (value === undefined) throw new Error(`the answer has no ${name}:\n${answer.head}`);
  return value;
}

/** @throws when the answer has another status */
export function expect(answer: Answer, status: number): Answer {
  if (answer.status === status) return answer;
  throw new Error(`expected ${status}: ${answer.head}\n${answer.body.toString("utf8", 0, 1000)}`);
}
