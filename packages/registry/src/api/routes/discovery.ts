import * as endpoints from "@wharf/contract/endpoints";
import type { Endpoint } from "@wharf/contract";
import type { Exchange } from "../../http/exchange.ts";
import { ERRORS } from "../../http/error-table.ts";
import type { ErrorCode } from "../../http/error-table.ts";
import { RegistryError } from "../../http/registry-error.ts";
import { SENT, serve } from "../api-route.ts";
import type { ApiRoute } from "../api-route.ts";
import { discoveryDocument } from "../openapi/discovery-document.ts";
import { openApiDocument } from "../openapi/openapi-document.ts";
import { problemType } from "../problem-answer.ts";
import { referencePage } from "../reference/reference-page.ts";
import { REFERENCE_STYLE } from "../reference/reference-style.ts";

/** Every endpoint of the contract, in the order of their paths. */
export const ENDPOINTS: readonly Endpoint[] = Object.values<unknown>(endpoints)
  .filter(isEndpoint)
  .toSorted((one, other) => (one.path < other.path ? -1 : one.path > other.path ? 1 : 0));

/** Files of endpoints share schemas with each other, too. */
function isEndpoint(value: unknown): value is Endpoint {
  return typeof value === "object" && value !== null && "method" in value && "right" in value;
}

export const discoveryRoutes: readonly ApiRoute[] = [
  serve(endpoints.discovery, async ({ exchange }) => discoveryDocument(ENDPOINTS, exchange.origin)),

  serve(endpoints.getOpenApi, async ({ exchange }) => openApiDocument(ENDPOINTS, exchange.origin)),

  serve(endpoints.getReference, async ({ exchange }) => {
    const page = referencePage(ENDPOINTS, exchange.origin);
    sendPage(exchange, "text/html; charset=utf-8", page);
    return SENT;
  }),

  serve(endpoints.getReferenceStyle, async ({ exchange }) => {
    sendPage(exchange, "text/css; charset=utf-8", REFERENCE_STYLE);
    return SENT;
  }),

  serve(endpoints.getErrorDescription, async ({ exchange, path: { error_type: type } }) => {
    const codes = (Object.keys(ERRORS) as ErrorCode[]).filter(
      (code) => problemType(code, ERRORS[code].status) === type,
    );
    if (codes.length === 0) throw new RegistryError("NOT_FOUND", "there is no such type of error");
    return {
      type: `${exchange.origin}/api/v1/error/${type}`,
      title: type,
      description: codes.map((code) => ERRORS[code].meaning).join(" "),
    };
  }),
];

function sendPage(exchange: Exchange, type: string, text: string): void {
  exchange.send(
    200,
    {
      "Content-Type": type,
      "Cache-Control": "no-cache",
      "Content-Security-Policy": "default-src 'none'; style-src 'self'; frame-ancestors 'none'",
      "X-Content-Type-Options": "nosniff",
    },
    text,
  );
}
