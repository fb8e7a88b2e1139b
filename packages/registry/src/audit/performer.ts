import type { Actor } from "../accounts/admin/actor.ts";
import { accountIdOf, principalName } from "../accounts/principal.ts";
import type { AuditedDeed } from "./audited-deed.ts";

/** The registry itself, for what nobody asked for: expired tags, policies. */
export const REGISTRY: { readonly kind: "registry" } = Object.freeze({ kind: "registry" });

/** Who did something, as an entry of the audit log keeps it. */
export type Performer = Pick<
  AuditedDeed,
  "performerId" | "performer" | "performerKind" | "via" | "address" | "userAgent"
>;

/** Who did what an event tells of, and where: such an event becomes entries of the audit log by itself. */
export interface AuditFacts extends Performer {
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly namespaceId: number;
}

/** For `audit` of events; whoever gives it must not call `recordAudit` for the same deed. */
export function auditFacts(
  actor: Actor | typeof REGISTRY,
  { namespaceId }: { readonly namespaceId: number },
  at: number,
): AuditFacts {
  return { at, namespaceId, ...performerOf(actor) };
}

export function performerOf(actor: Actor | typeof REGISTRY): Performer {
  const nobody = {
    performerId: null,
    performer: null,
    via: null,
    address: null,
    userAgent: null,
  };
  if (actor.kind === "registry") return { ...nobody, performerKind: "registry" };
  if (actor.kind === "operator") return { ...nobody, performerKind: "operator" };
  const origin = {
    address: actor.from?.address ?? null,
    userAgent: actor.from?.userAgent ?? null,
  };
  if (actor.kind === "anonymous") return { ...nobody, ...origin, performerKind: "anonymous" };
  if (actor.kind === "repository") {
    return { ...nobody, ...origin, performerKind: "token", performer: "$token" };
  }
  const name = principalName(actor) ?? null;
  return {
    ...origin,
    performerId: accountIdOf(actor) ?? null,
    performer: name,
    performerKind: name === null ? "anonymous" : name.includes("+") ? "robot" : "user",
    via: viaOf(actor.shown) ?? (actor.kind === "token" ? "token" : null),
  };
}

function viaOf(
  shown: { readonly kind: string; readonly title?: string } | undefined,
): string | null {
  if (shown === undefined) return null;
  return shown.title === undefined || shown.title === ""
    ? shown.kind
    : `${shown.kind} ${shown.title}`;
}
