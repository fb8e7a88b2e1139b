import { ImageError } from "../image-error.ts";
import { DEFAULT_LIMITS } from "../limits.ts";
import type { Limits } from "../limits.ts";

/** Levels of nesting; deeper JSON would overflow the stack when it is written again. */
const MAX_DEPTH = 256;

/**
 * Parses JSON from outside: size, encoding and nesting are checked first.
 *
 * @param what what is read, for messages, for example `manifest.json`
 * @throws {ImageError} `limit` or `damaged`
 */
export function parseJson(
  bytes: Uint8Array,
  what: string,
  limits: Pick<Limits, "jsonBytes"> = DEFAULT_LIMITS,
): unknown {
  if (bytes.length > limits.jsonBytes) {
    throw new ImageError(
      "limit",
      `${what} has ${bytes.length} bytes, at most ${limits.jsonBytes} are read`,
    );
  }
  refuseDeepNesting(bytes, what);
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch (cause) {
    throw new ImageError("damaged", `${what} is no valid JSON`, { cause });
  }
}

function refuseDeepNesting(bytes: Uint8Array, what: string): void {
  let depth = 0;
  let inString = false;
  for (let index = 0; index < bytes.length; index++) {
    const byte = bytes[index];
    if (inString) {
      if (byte === 0x5c) index++;
      else if (byte === 0x22) inString = false;
    } else if (byte === 0x22) inString = true;
    else if (byte === 0x7b || byte === 0x5b) {
      if (++depth > MAX_DEPTH)
        throw new ImageError("limit", `${what} is nested deeper than ${MAX_DEPTH} levels`);
    } else if (byte === 0x7d || byte === 0x5d) depth--;
  }
}
