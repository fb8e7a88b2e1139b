import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { SMTPServer } from "smtp-server";

/** A mail as it arrived. */
export interface ReceivedMail {
  readonly from: string;
  readonly to: readonly string[];
  /** Header and body, as sent. */
  readonly source: string;
  /** The plain text part, decoded. */
  readonly text: string;
}

/** User and password that the server wants. */
const USER = "wharf";
const PASSWORD = "p@ss/word";

/** A real mail server in this process; it keeps what it gets. */
export class TestMailServer implements AsyncDisposable {
  readonly received: ReceivedMail[] = [];
  readonly #server: SMTPServer;
  #waiting: { readonly count: number; readonly resolve: () => void }[] = [];
  /** What the next mails are refused with, the first one first. */
  readonly refusals: { readonly code: number; readonly text: string }[] = [];

  constructor() {
    this.#server = new SMTPServer({
      hideSTARTTLS: true,
      allowInsecureAuth: true,
      logger: false,
      onAuth: ({ username, password }, _session, done) => {
        if (username === USER && password === PASSWORD) done(null, { user: username });
        else done(new Error("wrong login"));
      },
      onRcptTo: (_address, _session, done) => {
        const refusal = this.refusals.shift();
        if (refusal === undefined) done();
        else done(Object.assign(new Error(refusal.text), { responseCode: refusal.code }));
      },
      onData: (stream, { envelope }, done) => {
        const chunks: Buffer[] = [];
        stream.on("data", (chunk: Buffer) => chunks.push(chunk));
        stream.on("end", () => {
          const source = Buffer.concat(chunks).toString("utf8");
          this.#take({
            from: envelope.mailFrom === false ? "" : envelope.mailFrom.address,
            to: envelope.rcptTo.map(({ address }) => address),
            source,
            text: plainText(source),
          });
          done();
        });
      },
    });
  }

  static async start(): Promise<TestMailServer> {
    const server = new TestMailServer();
    server.#server.listen(0, "127.0.0.1");
    await once(server.#server.server, "listening");
    return server;
  }

  /** For `mail.url`. */
  get url(): string {
    const { port } = this.#server.server.address() as AddressInfo; // it listens on a port
    return `smtp://${USER}:${encodeURIComponent(PASSWORD)}@127.0.0.1:${port}`;
  }

  /** Resolves when so many mails have come in all, with the last of them. */
  async mail(count: number): Promise<ReceivedMail> {
    if (this.received.length < count) {
      const { promise, resolve } = Promise.withResolvers<void>();
      this.#waiting.push({ count, resolve });
      await promise;
    }
    const last = this.received[count - 1];
    if (last === undefined) throw new Error("the mail has not come");
    return last;
  }

  #take(mail: ReceivedMail): void {
    this.received.push(mail);
    for (const { count, resolve } of this.#waiting) {
      if (this.received.length >= count) resolve();
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }
}

/** The code in a mail; the same in its link. */
export function codeIn({ text }: ReceivedMail): string {
  const code = /code[^:]*: (\w{40})$/m.exec(text)?.[1];
  if (code === undefined) throw new Error(`no code in: ${text}`);
  return code;
}

/** The first part of a mail, decoded (RFC 2045, 6). */
function plainText(source: string): string {
  const [, boundary = ""] = /boundary="([^"]+)"/.exec(source) ?? [];
  const part = source.split(`--${boundary}`)[1] ?? "";
  const split = part.indexOf("\r\n\r\n");
  const [header, body] = [part.slice(0, split), part.slice(split + 4)];
  if (/quoted-printable/i.test(header)) {
    const bytes = body
      .replaceAll("=\r\n", "")
      .replaceAll(/=([0-9A-F]{2})/g, (_all, hex: string) =>
        String.fromCharCode(Number.parseInt(hex, 16)),
      );
    return Buffer.from(bytes, "latin1").toString("utf8").replaceAll("\r\n", "\n");
  }
  if (/base64/i.test(header)) return Buffer.from(body, "base64").toString("utf8");
  return body.replaceAll("\r\n", "\n");
}
