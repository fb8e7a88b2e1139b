import type { Prototype } from "@wharf/registry";

/** A default permission in JSON. */
export function prototypeDocument({ id, role, delegate, activating }: Prototype) {
  return {
    id,
    role,
    name: delegate.name,
    kind: delegate.kind === "team" ? "team" : delegate.isRobot ? "robot" : "user",
    creator: activating?.name ?? null,
  };
}

/** Such as `write for the team developers, when alice creates them`. */
export function prototypeText(prototype: Prototype): string {
  const { role, kind, name, creator } = prototypeDocument(prototype);
  const whose = creator === null ? "" : `, when ${creator} creates them`;
  return `${role} for the ${kind} ${name}${whose}`;
}
