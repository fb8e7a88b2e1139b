import type { Exchange } from "./exchange.ts";
import { escapeHtml } from "./escape-html.ts";
import { readBody } from "./read-body.ts";
import { RegistryError } from "./registry-error.ts";

/** A page of a few words, and a form perhaps; it needs no script. */
export interface FormPage {
  readonly title: string;
  /** Plain text. */
  readonly text: string;
  readonly form?: {
    readonly action: string;
    readonly button: string;
    readonly fields: readonly FormField[];
  };
}

export interface FormField {
  readonly name: string;
  readonly type: "hidden" | "password";
  readonly value?: string;
  readonly label?: string;
}

/**
 * A code in the URL of a page must not go on to other sites, and nothing of other sites belongs into it. What the form
 * leads to is this registry.
 */
const HEADERS = {
  "Content-Type": "text/html; charset=utf-8",
  "Content-Security-Policy":
    "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
  "Referrer-Policy": "no-referrer",
  "Cache-Control": "no-store",
  "X-Content-Type-Options": "nosniff",
} as const;

const STYLE =
  "body{font:1rem/1.5 sans-serif;max-width:28rem;margin:4rem auto;padding:0 1rem;color-scheme:light dark}" +
  "label{display:block;margin:1rem 0}input{display:block;width:100%;padding:.5rem;font:inherit;box-sizing:border-box}" +
  "button{padding:.5rem 1rem;font:inherit}";

export function sendFormPage(exchange: Exchange, status: number, page: FormPage): void {
  exchange.send(status, HEADERS, render(page));
}

function render({ title, text, form }: FormPage): string {
  const heading = escapeHtml(title);
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>${heading}</title>
<style>${STYLE}</style>
</head>
<body>
<h1>${heading}</h1>
<p>${escapeHtml(text)}</p>
${form === undefined ? "" : renderForm(form)}
</body>
</html>
`;
}

function renderForm({ action, button, fields }: NonNullable<FormPage["form"]>): string {
  return `<form method="post" action="${escapeHtml(action)}">
${fields.map(renderField).join("\n")}
<button>${escapeHtml(button)}</button>
</form>`;
}

function renderField({ name, type, value = "", label = "" }: FormField): string {
  const input = `<input name="${escapeHtml(name)}" type="${type}" value="${escapeHtml(value)}"`;
  return type === "hidden"
    ? `${input}>`
    : `<label>${escapeHtml(label)}${input} autocomplete="new-password" required></label>`;
}

/** Most bytes of a form. */
const LIMIT = 16 * 1024;

/** What was filled into a form. @throws {RegistryError} `PARAMETER_INVALID` for what no form has sent */
export async function readForm(exchange: Exchange): Promise<URLSearchParams> {
  const type = exchange.header("content-type") ?? "";
  if (!/^application\/x-www-form-urlencoded\s*(?:;|$)/i.test(type)) {
    throw new RegistryError("PARAMETER_INVALID", "this is for the form of the page", {
      status: 415,
      detail: { field: "Content-Type" },
    });
  }
  const body = await readBody(exchange, LIMIT, "PARAMETER_INVALID", "the form");
  return new URLSearchParams(body.toString("utf8"));
}
