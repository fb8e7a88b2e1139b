import type { Exchange } from "../../../http/exchange.ts";

/** Nothing is loaded, run or sent from these pages. */
const HEADERS = {
  "Content-Type": "text/html; charset=utf-8",
  "Cache-Control": "no-store",
  "Content-Security-Policy":
    "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'",
  "Referrer-Policy": "no-referrer",
  "X-Content-Type-Options": "nosniff",
} as const;

/** A page for people, for what has no other place to be shown. Everything in it is text, never HTML. */
export function sendCallbackPage(
  exchange: Exchange,
  status: number,
  page: { readonly title: string; readonly lines: readonly string[]; readonly code?: string },
): void {
  const { title, lines, code } = page;
  const paragraphs = lines.map((line) => `<p>${escaped(line)}</p>`).join("\n");
  const block = code === undefined ? "" : `<pre>${escaped(code)}</pre>\n`;
  exchange.send(
    status,
    HEADERS,
    `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>${escaped(title)}</title>
<style>body{font:1rem/1.5 system-ui,sans-serif;max-width:40rem;margin:4rem auto;padding:0 1rem;color-scheme:light dark}pre{padding:1rem;border:1px solid;overflow:auto;user-select:all}</style>
<h1>${escaped(title)}</h1>
${paragraphs}
${block}<p><a href="/">Continue</a></p>
`,
  );
}

function escaped(text: string): string {
  const entities: Readonly<Record<string, string>> = {
    "&": "&amp;",
    "<": "&lt;",
    ">": "&gt;",
    '"': "&quot;",
    "'": "&#39;",
  };
  return text.replaceAll(/[&<>"']/g, (character) => entities[character] ?? "");
}
