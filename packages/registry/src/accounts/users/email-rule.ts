import { RegistryError } from "../../http/registry-error.ts";

/** RFC 5321, 4.5.3.1.3: the path of 256 with its brackets. */
const LONGEST = 254;

/** @throws {RegistryError} `PARAMETER_INVALID` for what cannot be an e-mail address */
export function checkEmail(email: string): void {
  // Brackets, quotes and commas could make several addresses of one, or others.
  if (
    email.length <= LONGEST &&
    /^[^\s\p{C}@<>"(),:;\\[\]]+@[^\s\p{C}@<>"(),:;\\[\]]+$/u.test(email)
  )
    return;
  throw new RegistryError("PARAMETER_INVALID", "email must be such as alice@example.com", {
    detail: { field: "email" },
  });
}
