import { connect } from "node:net";
import type { Socket } from "node:net";

/** A connection on which a test says byte for byte what it wants, and may leave at any moment. */
export class RawConnection implements Disposable {
  readonly socket: Socket;
  #received = "";
  #isEnded = false;
  readonly #waiting = new Set<() => void>();

  private constructor(socket: Socket) {
    this.socket = socket;
    socket.setEncoding("latin1").on("data", (text: string) => {
      this.#received += text;
      this.#wake();
    });
    const end = (): void => {
      this.#isEnded = true;
      this.#wake();
    };
    socket.on("close", end).on("end", end).on("error", end);
  }

  static async open(port: number): Promise<RawConnection> {
    // Half-open: a test can have sent its last byte and still read.
    const socket = connect({ host: "127.0.0.1", port, allowHalfOpen: true });
    const connection = new RawConnection(socket);
    await new Promise<void>((resolve) => socket.once("connect", resolve));
    return connection;
  }

  /** Everything that came so far, a character for each byte. */
  get received(): string {
    return this.#received;
  }

  /** Has the server closed the connection? */
  get isEnded(): boolean {
    return this.#isEnded;
  }

  /** Sends bytes. Resolves when they are with the kernel, also when the server has closed meanwhile. */
  send(bytes: string | Uint8Array): Promise<void> {
    return new Promise((resolve) => {
      if (this.socket.destroyed) resolve();
      else
        this.socket.write(typeof bytes === "string" ? Buffer.from(bytes, "latin1") : bytes, () =>
          resolve(),
        );
    });
  }

  /** Waits until the text has come. @throws when the connection ends before */
  async until(text: string): Promise<string> {
    while (!this.#received.includes(text)) {
      if (this.#isEnded)
        throw new Error(`the connection ended after ${this.#received.slice(0, 500)}`);
      await this.#next();
    }
    return this.#received;
  }

  /** Waits until the server closes the connection. @returns everything that came */
  async ended(): Promise<string> {
    while (!this.#isEnded) await this.#next();
    return this.#received;
  }

  #next(): Promise<void> {
    return new Promise((resolve) => {
      const wake = (): void => {
        this.#waiting.delete(wake);
        resolve();
      };
      this.#waiting.add(wake);
    });
  }

  #wake(): void {
    for (const wake of this.#waiting) wake();
  }

  /** Leaves at once. */
  [Symbol.dispose](): void {
    this.socket.destroy();
  }
}
