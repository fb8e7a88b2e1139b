import { STATUS_CODES } from "node:http";
import { ERRORS } from "./error-table.ts";

/** The page `docs/errors.md`: every code, from the table that the server uses. */
export function errorPage(): string {
  const rows = Object.entries(ERRORS).map(
    ([code, { status, meaning }]) =>
      `| \`${code}\` | ${status} ${STATUS_CODES[status] ?? ""} | ${meaning} |`,
  );
  return `# Errors

What the registry refuses a request with. The body is JSON, as the [distribution-spec](https://github.com/opencontainers/distribution-spec/blob/main/spec.md#error-codes) says; \`detail\` has the facts, such as the field that is wrong:

\`\`\`json
{ "errors": [{ "code": "MANIFEST_INVALID", "message": "…", "detail": { "field": "layers[2].size" } }] }
\`\`\`

The header \`X-Request-Id\` names the request in the log. The status is the usual one; in some cases another fits better, such as 413 for what is too long.

| code | status | meaning |
|---|---|---|
${rows.join("\n")}
`;
}
