import { RIGHTS, SCOPES, SECTIONS } from "@wharf/contract";
import type { Endpoint, Right, Section } from "@wharf/contract";
import { parametersOf, schemaOf } from "../openapi/parameters.ts";
import type { JsonSchema } from "../openapi/parameters.ts";

/** Where the page's style lies; the page has no script. */
export const STYLE_PATH = "/api/v1/reference.css";

/**
 * The reference of the API as one HTML page.
 *
 * @param origin scheme and authority under which the client reached the registry, for the examples
 */
export function referencePage(endpoints: readonly Endpoint[], origin: string): string {
  const sections = (Object.keys(SECTIONS) as Section[])
    .map((section) => ({
      section,
      entries: endpoints.filter((endpoint) => endpoint.section === section),
    }))
    .filter(({ entries }) => entries.length > 0);
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>API reference · Wharf</title>
<link rel="stylesheet" href="${STYLE_PATH}">
</head>
<body>
<nav aria-label="Sections">
<p class="brand">Wharf</p>
<ul>
<li><a href="#begin">How to begin</a></li>
${sections.map(({ section }) => `<li><a href="#section-${section}">${escape(SECTIONS[section])}</a></li>`).join("\n")}
</ul>
</nav>
<main>
<h1>API reference</h1>
${introduction(origin)}
${sections.map(({ section, entries }) => sectionHtml(section, entries)).join("\n")}
</main>
</body>
</html>
`;
}

function introduction(origin: string): string {
  const scopes = Object.entries(SCOPES)
    .map(([name, meaning]) => `<tr><td><code>${name}</code></td><td>${escape(meaning)}</td></tr>`)
    .join("");
  return `<section id="begin">
<p>Everything but pushes, pulls and downloads. Paths and documents are those of Quay where Quay has the thing.
As a document for tools: <a href="/api/v1/openapi.json">OpenAPI 3.1</a>, <a href="/api/v1/discovery">Quay’s discovery</a>.</p>
<pre><code>curl -u alice ${escape(origin)}/api/v1/user
curl -H "Authorization: Bearer $TOKEN" "${escape(origin)}/api/v1/repository?namespace=team"
curl -u alice -X PUT --json '{"role": "member"}' ${escape(origin)}/api/v1/organization/team/team/devs</code></pre>
<ul>
<li>A token of an OAuth application goes into <code>Authorization: Bearer</code>. Users, application tokens (<code>$app</code>) and robots use Basic.</li>
<li>Refusals are <code>application/problem+json</code>: <code>detail</code> says what is wrong, <code>field</code> where.</li>
<li>Lists take <code>limit</code> and <code>next_page</code>; the answer’s <code>next_page</code> leads on, and is missing on the last page.</li>
<li>Reads have an <code>ETag</code>; with <code>If-None-Match</code> what has not changed is answered with 304.</li>
<li><code>RateLimit-Limit</code>, <code>-Remaining</code> and <code>-Reset</code> tell how many requests are left.</li>
</ul>
<h2>Scopes of tokens</h2>
<table><thead><tr><th scope="col">Scope</th><th scope="col">What it gives</th></tr></thead><tbody>${scopes}</tbody></table>
</section>`;
}

function sectionHtml(section: Section, entries: readonly Endpoint[]): string {
  return `<section id="section-${section}">
<h2>${escape(SECTIONS[section])}</h2>
${entries.map(endpointHtml).join("\n")}
</section>`;
}

function endpointHtml(endpoint: Endpoint): string {
  const { id, method, path, summary, body, answer, status, right, fresh, quay, content } = endpoint;
  const row: Right = RIGHTS[right];
  const facts = [
    row.role === "anybody"
      ? "No login needed"
      : `Role <strong>${row.role}</strong>${row.resource === "registry" ? "" : ` on the ${row.resource}`}`,
    ...(row.scope === undefined ? [] : [`scope <code>${row.scope}</code>`]),
    ...(fresh === true ? ["in a browser only soon after the password was shown"] : []),
    `operation <code>${id}</code>`,
  ];
  const origin = quay === "same" ? "As in Quay" : prose(quay[0]?.toUpperCase() + quay.slice(1));
  return `<article id="${id}">
<h3><span class="method ${method.toLowerCase()}">${method}</span> <a href="#${id}"><code>${escape(path)}</code></a></h3>
<p>${prose(summary)}</p>
<p class="facts">${facts.join(" · ")} · ${origin}</p>
${parametersHtml(endpoint)}
${body === undefined ? "" : `<details><summary>Body</summary>${schemaHtml(schemaOf(body, "input"))}</details>`}
${answer === undefined ? `<p class="facts">Answers ${status}${content === undefined ? "" : `, ${content.map(escape).join(" or ")}`}</p>` : `<details><summary>Answer ${status}</summary>${schemaHtml(schemaOf(answer, "output"))}</details>`}
</article>`;
}

function parametersHtml(endpoint: Endpoint): string {
  const parameters = parametersOf(endpoint);
  if (parameters.length === 0) return "";
  const rows = parameters.map(
    ({ name, in: place, required, description = "", schema }) =>
      `<tr><td><code>${escape(name)}</code></td><td>${place}${required ? "" : ", optional"}</td><td>${prose(description)}${choices(schema)}</td></tr>`,
  );
  return `<table><thead><tr><th scope="col">Parameter</th><th scope="col">Place</th><th scope="col">Meaning</th></tr></thead><tbody>${rows.join("")}</tbody></table>`;
}

function choices(schema: JsonSchema): string {
  const values = schema["enum"];
  if (!Array.isArray(values)) return "";
  return ` One of ${values.map((value) => `<code>${escape(String(value))}</code>`).join(", ")}.`;
}

function schemaHtml(schema: JsonSchema): string {
  return `<pre><code>${escape(outline(schema, ""))}</code></pre>`;
}

/** A schema as a person reads it: the document with types in place of values. */
function outline(schema: JsonSchema, indent: string): string {
  const {
    type,
    properties,
    items,
    anyOf,
    oneOf,
    enum: values,
    const: only,
    additionalProperties,
    required = [],
  } = schema as {
    readonly type?: unknown;
    readonly properties?: Readonly<Record<string, JsonSchema>>;
    readonly items?: JsonSchema;
    readonly anyOf?: readonly JsonSchema[];
    readonly oneOf?: readonly JsonSchema[];
    readonly enum?: readonly unknown[];
    readonly const?: unknown;
    readonly additionalProperties?: JsonSchema | boolean;
    readonly required?: readonly string[];
  }; // JSON schema, as zod writes it
  if (only !== undefined) return JSON.stringify(only);
  if (values !== undefined) return values.map((value) => JSON.stringify(value)).join(" | ");
  const ways = anyOf ?? oneOf;
  if (ways !== undefined) return ways.map((way) => outline(way, indent)).join(" | ");
  if (type === "array") return `[ ${items === undefined ? "…" : outline(items, indent)} … ]`;
  const inner = `${indent}  `;
  if (properties !== undefined && Object.keys(properties).length > 0) {
    const lines = Object.entries(properties).map(([name, property]) => {
      const note =
        typeof property["description"] === "string" ? `  — ${property["description"]}` : "";
      const mark = required.includes(name) ? "" : "?";
      return `${inner}${name}${mark}: ${outline(property, inner)}${note}`;
    });
    return `{\n${lines.join("\n")}\n${indent}}`;
  }
  if (typeof additionalProperties === "object") {
    return `{ <name>: ${outline(additionalProperties, indent)} … }`;
  }
  return typeof type === "string" ? type : "any";
}

/** What stands in backticks is code. */
function prose(text: string): string {
  return escape(text).replaceAll(/`([^`]+)`/g, "<code>$1</code>");
}

function escape(text: string): string {
  return text
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;");
}
