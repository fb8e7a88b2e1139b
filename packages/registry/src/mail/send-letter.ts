import type { MailConfig } from "../config/config.ts";
import { escapeHtml } from "../http/escape-html.ts";

/** A mail without its sender. */
export interface Letter {
  /** Of one person. */
  readonly to: string;
  readonly subject: string;
  /** Lines of paragraphs. */
  readonly paragraphs: readonly string[];
  /** What the reader is asked to open, after the first paragraph. */
  readonly link?: { readonly label: string; readonly url: string } | undefined;
}

/**
 * Hands a mail to the server, over a connection of its own: few are sent, and none is worth an open one.
 *
 * @throws what the server or the network says
 */
export async function sendLetter(
  { url, from, timeout }: MailConfig,
  letter: Letter,
  signal: AbortSignal,
): Promise<void> {
  const { createTransport } = await import("nodemailer");
  signal.throwIfAborted();
  const { protocol, hostname, port, username, password } = new URL(url);
  const transport = createTransport({
    host: hostname.replace(/^\[(.*)\]$/, "$1"),
    ...(port === "" ? {} : { port: Number(port) }),
    secure: protocol === "smtps:",
    ...(username === ""
      ? {}
      : { auth: { user: decodeURIComponent(username), pass: decodeURIComponent(password) } }),
    connectionTimeout: timeout,
    greetingTimeout: timeout,
    socketTimeout: timeout,
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  const close = (): void => transport.close();
  signal.addEventListener("abort", close, { once: true });
  try {
    await transport.sendMail({
      from,
      // As an object it is one address, whatever it looks like.
      to: { name: "", address: letter.to },
      subject: letter.subject,
      text: textOf(letter),
      html: htmlOf(letter),
      headers: { "Auto-Submitted": "auto-generated" }, // RFC 3834: nobody answers by machine
    });
  } finally {
    signal.removeEventListener("abort", close);
    transport.close();
  }
}

function textOf({ paragraphs, link }: Letter): string {
  const [first = "", ...rest] = paragraphs;
  return [first, ...(link === undefined ? [] : [link.url]), ...rest].join("\n\n") + "\n";
}

function htmlOf({ paragraphs, link }: Letter): string {
  const [first = "", ...rest] = paragraphs.map((text) => `<p>${escapeHtml(text)}</p>`);
  const anchor =
    link === undefined
      ? []
      : [`<p><a href="${escapeHtml(link.url)}">${escapeHtml(link.label)}</a></p>`];
  return [first, ...anchor, ...rest].join("\n");
}
