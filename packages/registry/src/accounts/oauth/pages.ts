// Long because it is one thing: the pages of the authorization, which have no script.
import { hash } from "node:crypto";
import { escapeHtml as text } from "../../http/escape-html.ts";
import type { Exchange } from "../../http/exchange.ts";
import type { AuthorizeRequest } from "./authorize-request.ts";
import { formTarget } from "./redirect-uri.ts";
import { scopeFacts } from "./scope-facts.ts";

const STYLE = `
:root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif; }
body { margin: 0; }
main { box-sizing: border-box; max-width: 34rem; margin: 4rem auto; padding: 0 1rem; }
h1 { font-size: 1.4rem; line-height: 1.3; }
li { margin: 0.4rem 0; }
code { overflow-wrap: anywhere; }
pre { padding: 0.75rem; border: 1px solid #8a8d90; border-radius: 4px; white-space: pre-wrap; overflow-wrap: anywhere; }
label { display: block; margin: 0.75rem 0; }
input { display: block; box-sizing: border-box; width: 100%; padding: 0.4rem; font: inherit; }
button { padding: 0.4rem 1rem; font: inherit; }
form { display: inline-block; margin-right: 0.5rem; }
form.wide { display: block; }
.danger { color: #a30000; font-weight: 600; }
@media (prefers-color-scheme: dark) { .danger { color: #ff8080; } }
`;

const STYLE_HASH = hash("sha256", STYLE, "base64");

/** Fields that a form takes along. */
export type Fields = readonly (readonly [name: string, value: string])[];

/**
 * Sends a page that nobody can frame, that runs nothing and tells no other site where it was.
 *
 * @param options.target redirect URI that a form of the page may lead to
 */
export function sendPage(
  exchange: Exchange,
  status: number,
  { title, body, target }: { title: string; body: string; target?: string | undefined },
  headers: Readonly<Record<string, string>> = {},
): void {
  const formAction = ["'self'", ...(target === undefined ? [] : [formTarget(target)])].join(" ");
  exchange.send(
    status,
    {
      ...headers,
      "Content-Type": "text/html; charset=utf-8",
      "Content-Security-Policy": `default-src 'none'; style-src 'sha256-${STYLE_HASH}'; form-action ${formAction}; frame-ancestors 'none'; base-uri 'none'`,
      "X-Frame-Options": "DENY",
      "X-Content-Type-Options": "nosniff",
      "Referrer-Policy": "same-origin",
      "Cache-Control": "no-store",
    },
    `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${text(title)} · Wharf</title>
<style>${STYLE}</style>
</head>
<body>
<main>
<h1>${text(title)}</h1>
${body}
</main>
</body>
</html>
`,
  );
}

/** A page that only says something. */
export function sendMessage(
  exchange: Exchange,
  status: number,
  title: string,
  message: string,
): void {
  const sentence =
    message.charAt(0).toUpperCase() + message.slice(1) + (message.endsWith(".") ? "" : ".");
  sendPage(exchange, status, { title, body: `<p>${text(sentence)}</p>` });
}

/** Asks for user and password; the form comes back to the page it is on. */
export function sendSignIn(
  exchange: Exchange,
  status: number,
  {
    request,
    fields,
    user = "",
    message,
  }: { request: AuthorizeRequest; fields: Fields; user?: string; message?: string | undefined },
  headers: Readonly<Record<string, string>> = {},
): void {
  const title = `Sign in to continue to ${request.application.name}`;
  const body = `${message === undefined ? "" : `<p role="alert" class="danger">${text(message)}</p>`}
<form class="wide" method="post" action="/oauth/authorize">
${hidden(fields)}
<label>User name or e-mail address
<input name="username" autocomplete="username" autocapitalize="none" required value="${text(user)}"></label>
<label>Password
<input name="password" type="password" autocomplete="current-password" required></label>
<button>Sign in</button>
</form>
<p>If you sign in another way, do so in this browser first and load this page again.</p>`;
  sendPage(exchange, status, { title, body, target: request.redirectUri }, headers);
}

/** Puts the request before its user. */
export function sendConsent(
  exchange: Exchange,
  { request, fields, user }: { request: AuthorizeRequest; fields: Fields; user: string },
): void {
  const { application, grant, redirectUri, isLocal } = request;
  const title = `Allow ${application.name} to act as ${user}?`;
  const scopes = scopeFacts(grant.scopes)
    .map(
      ({ description, dangerous }) =>
        `<li${dangerous ? ' class="danger"' : ""}>${text(description)}</li>`,
    )
    .join("\n");
  const repositories = (grant.repositories ?? [])
    .map((name) => `<li><code>${text(name)}</code></li>`)
    .join("\n");
  const body = `<p>${text(application.name)} is an application of the organization <strong>${text(application.organization)}</strong>.${
    application.description === "" ? "" : ` It says of itself: ${text(application.description)}`
  }</p>
<p>It asks for a token of your account <strong>${text(user)}</strong>, with which it could do this:</p>
<ul>
${scopes}
</ul>
${repositories === "" ? "" : `<p>Only for these repositories:</p>\n<ul>\n${repositories}\n</ul>`}
<p>${isLocal ? "The token will be shown to you." : `You will be sent to <code>${text(redirectUri)}</code>.`}</p>
<form method="post" action="/oauth/authorizeapp">
${hidden(fields)}
<button>Allow</button>
</form>
<form method="post" action="/oauth/denyapp">
${hidden(fields)}
<button>Deny</button>
</form>`;
  sendPage(exchange, 200, { title, body, target: redirectUri });
}

/** Shows what an application without a page of its own would be told. */
export function sendSecret(exchange: Exchange, title: string, secret: string): void {
  const body = `<p>It is shown this once. Whoever has it can act as you.</p>
<pre><code>${text(secret)}</code></pre>`;
  sendPage(exchange, 200, { title, body });
}

function hidden(fields: Fields): string {
  return fields
    .map(([name, value]) => `<input type="hidden" name="${text(name)}" value="${text(value)}">`)
    .join("\n");
}
