// The face of the package: what other rooms may import. The endpoints are a face of their own: their schemas take a
// tenth of a second to build, and whoever answers pulls needs none of them.
export { endpoint, SECTIONS } from "./endpoint.ts";
export type { Endpoint, PathParameters, Section } from "./endpoint.ts";
export { problem } from "./problem.ts";
export type { Problem } from "./problem.ts";
export { RIGHTS, ROLES } from "./rights.ts";
export type { Resource, Right, RightName } from "./rights.ts";
export { IMPLIED_SCOPES, isScope, parseScopes, PEOPLE_SCOPES, SCOPES } from "./scopes.ts";
export type { Scope } from "./scopes.ts";
export { MOST_ENTRIES, MOST_NAMED } from "./values.ts";
export { AUDIT_KINDS } from "./audit-kinds.ts";
export type { AuditKind } from "./audit-kinds.ts";
