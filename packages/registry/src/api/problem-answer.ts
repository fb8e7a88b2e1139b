import type { Problem } from "@wharf/contract";
import type { Exchange } from "../http/exchange.ts";
import type { ErrorCode } from "../http/error-table.ts";
import type { RegistryError } from "../http/registry-error.ts";

/** Quay's names of what can be wrong; ours in lower case for the rest. */
const QUAY_TYPES: Readonly<Partial<Record<ErrorCode, string>>> = {
  UNAUTHORIZED: "invalid_token",
  LOGIN_NOT_FRESH: "fresh_login_required",
  DENIED: "insufficient_scope",
  SCOPE_INSUFFICIENT: "insufficient_scope",
  CSRF_INVALID: "invalid_csrf_token",
  NAME_UNKNOWN: "not_found",
  MANIFEST_UNKNOWN: "not_found",
  BLOB_UNKNOWN: "not_found",
  NOT_FOUND: "not_found",
  TAG_EXPIRED: "not_found",
  PARAMETER_INVALID: "invalid_request",
  NAME_INVALID: "invalid_request",
  TAG_INVALID: "invalid_request",
  DIGEST_INVALID: "invalid_request",
  MANIFEST_INVALID: "invalid_request",
  PAGINATION_NUMBER_INVALID: "invalid_request",
  TOOMANYREQUESTS: "too_many_requests",
  UNKNOWN: "internal_error",
  UNAVAILABLE: "unavailable",
};

/** The type of an error as `/api/v1/error/{error_type}` tells of it. */
export function problemType(code: ErrorCode, status: number): string {
  if (status === 404) return "not_found";
  return QUAY_TYPES[code] ?? code.toLowerCase();
}

/** Refuses a request of the API: `application/problem+json` (RFC 9457), with Quay's fields beside it. */
export function sendProblem(exchange: Exchange, error: RegistryError): void {
  const type = problemType(error.code, error.status);
  const field = fieldOf(error.detail);
  const document: Problem = {
    type: `${exchange.origin}/api/v1/error/${type}`,
    title: type,
    status: error.status,
    detail: error.message,
    error_type: type,
    error_message: error.message,
    code: error.code,
    ...(field === undefined ? {} : { field }),
    request_id: exchange.id,
  };
  exchange.refuse(
    error.status,
    { ...error.headers, "Content-Type": "application/problem+json" },
    JSON.stringify(document),
  );
}

function fieldOf(detail: unknown): string | undefined {
  if (typeof detail !== "object" || detail === null) return undefined;
  const { field, parameter } = detail as { readonly field?: unknown; readonly parameter?: unknown };
  const name = field ?? parameter;
  return typeof name === "string" ? name : undefined;
}
