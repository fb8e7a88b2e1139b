import { RegistryError } from "../../http/registry-error.ts";

const SHORTEST = 8;
const LONGEST_BYTES = 1024;

/** @throws {RegistryError} `PARAMETER_INVALID` for a password that is too short, or that Basic cannot carry (RFC 7617) */
export function checkPassword(password: string): void {
  const fault = faultOf(password);
  if (fault === undefined) return;
  throw new RegistryError("PARAMETER_INVALID", `the password ${fault}`, {
    detail: { field: "password" },
  });
}

function faultOf(password: string): string | undefined {
  if ([...password].length < SHORTEST) return `must have at least ${SHORTEST} characters`;
  if (Buffer.byteLength(password) > LONGEST_BYTES) {
    return `must have at most ${LONGEST_BYTES} bytes`;
  }
  return /[\0-\x1f\x7f]|\p{Surrogate}/u.test(password)
    ? "must have no control characters"
    : undefined;
}
