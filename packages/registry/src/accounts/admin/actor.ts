import { RegistryError } from "../../http/registry-error.ts";
import { principalName } from "../principal.ts";
import type { Principal } from "../principal.ts";

/** Whoever may run `wharf admin` on the machine: the database is theirs anyway. Never made from a request. */
export interface Operator {
  readonly kind: "operator";
}

export const OPERATOR: Operator = Object.freeze({ kind: "operator" });

/** Who administrates. Tokens of `/v2/auth` and secrets of repositories never may: they are for the registry alone. */
export type Actor = Operator | Principal;

/** Name for histories; undefined for anybody, and for the operator. */
export function actorName(actor: Actor): string | undefined {
  return actor.kind === "operator" ? undefined : principalName(actor);
}

/** @throws {RegistryError} `DENIED` unless it is the operator or a superuser */
export function requireSuperuser(actor: Actor): void {
  if (actor.kind === "operator" || (actor.kind === "account" && actor.isSuperuser)) return;
  throw denied(actor, "that needs a superuser");
}

/** @throws {RegistryError} `DENIED` unless it is the operator, a superuser or the user of that name */
export function requireSelf(actor: Actor, name: string): void {
  if (actor.kind === "account" && !actor.isRobot && actor.name === name) return;
  requireSuperuser(actor);
}

export function unknownRepository(name: string): RegistryError {
  return new RegistryError("NAME_UNKNOWN", `there is no repository ${name}`, { detail: { name } });
}

function denied(actor: Actor, need: string): RegistryError {
  const name = actor.kind === "operator" ? "operator" : (principalName(actor) ?? "anonymous");
  return new RegistryError("DENIED", `${name} may not do this: ${need}`);
}
