import { RegistryError } from "../../http/registry-error.ts";
import type { AccountPrincipal } from "../principal.ts";

/**
 * Refuses an application token where the account itself is at stake: it lies in the configuration of some client, and
 * whoever finds it there must not be able to take the account over.
 *
 * @throws {RegistryError} `DENIED`
 */
export function noApplicationToken({ shown }: AccountPrincipal): void {
  if (shown?.kind !== "application") return;
  throw new RegistryError(
    "DENIED",
    "an application token may not do this; use your password, or an OAuth token with user:admin",
  );
}
