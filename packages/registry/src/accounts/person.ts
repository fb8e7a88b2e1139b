import { RegistryError } from "../http/registry-error.ts";
import type { Actor } from "./admin/actor.ts";
import type { AccountPrincipal } from "./principal.ts";

/**
 * The user who asks for something of their own.
 *
 * @throws {RegistryError} `DENIED` for robots, and whoever is nobody in particular
 */
export function personOf(actor: Actor): AccountPrincipal {
  if (actor.kind === "account" && !actor.isRobot) return actor;
  throw new RegistryError("DENIED", "this is for users");
}
