import type { Endpoint } from "@wharf/contract";
import type { z } from "zod";
import type { Exchange } from "../http/exchange.ts";
import { readBody } from "../http/read-body.ts";
import { RegistryError } from "../http/registry-error.ts";
import { issueMessage } from "./issue-message.ts";

/** Bytes of a body, for endpoints that do not say. */
const BODY_LIMIT = 64 * 1024;

/**
 * The JSON body of a request as its endpoint wants it; a missing one counts as `{}`.
 *
 * @throws {RegistryError} `PARAMETER_INVALID` naming the field, 413 for one that is too long
 */
export async function readJson(exchange: Exchange, endpoint: Endpoint): Promise<unknown> {
  if (endpoint.body === undefined) return undefined;
  const limit = endpoint.bodyLimit ?? BODY_LIMIT;
  const bytes = await readBody(exchange, limit, "PARAMETER_INVALID", "the body");
  return checked(endpoint.body, bytes.length === 0 ? {} : parse(bytes), "the body");
}

/** The query as its endpoint wants it; what it does not know is left out. */
export function readQuery(exchange: Exchange, endpoint: Endpoint): unknown {
  if (endpoint.query === undefined) return undefined;
  const values: Record<string, string> = {};
  for (const [name, value] of exchange.query) {
    // What is given twice counts once, and PostgreSQL takes no NUL and no half of a character.
    if (!/[\0\ud800-\udfff]/u.test(value)) values[name] ??= value;
    else throw invalid("must have no NUL character", name);
  }
  return checked(endpoint.query, values, "the query");
}

/** The first thing that is wrong, by the name that the client gave it. */
function checked(schema: z.ZodType, value: unknown, what: string): unknown {
  const parsed = schema.safeParse(value, { error: issueMessage });
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const field = issue?.path.join(".") ?? "";
  throw invalid(issue?.message ?? "is not valid", field === "" ? what : field);
}

function invalid(message: string, field: string): RegistryError {
  return new RegistryError("PARAMETER_INVALID", `${field}: ${message}`, { detail: { field } });
}

function parse(bytes: Buffer): unknown {
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    throw invalid("is not UTF-8", "the body");
  }
  try {
    return JSON.parse(text);
  } catch {
    throw invalid("is not JSON", "the body");
  }
}
