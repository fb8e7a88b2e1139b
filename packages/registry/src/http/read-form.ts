import type { Exchange } from "./exchange.ts";
import { readBody } from "./read-body.ts";
import { RegistryError } from "./registry-error.ts";

/** Bytes of a form; a hundred long scopes fit. */
const LIMIT = 64 * 1024;

/**
 * The body of a request that sends a form.
 *
 * @throws {RegistryError} `PARAMETER_INVALID`, 415 for another type, 413 for one that is too long
 */
export async function readForm(exchange: Exchange): Promise<URLSearchParams> {
  const type = exchange.header("content-type")?.split(";", 1)[0]?.trim().toLowerCase();
  if (type !== "application/x-www-form-urlencoded") {
    throw new RegistryError(
      "PARAMETER_INVALID",
      "the body must be application/x-www-form-urlencoded",
      { status: 415, detail: { header: "Content-Type" } },
    );
  }
  const body = await readBody(exchange, LIMIT, "PARAMETER_INVALID", "the form");
  return new URLSearchParams(body.toString("utf8"));
}
