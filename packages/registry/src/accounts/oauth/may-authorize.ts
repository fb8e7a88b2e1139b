import { RegistryError } from "../../http/registry-error.ts";
import type { Administration } from "../admin/administration.ts";
import type { AccountPrincipal } from "../principal.ts";
import { findAssignment } from "./assignment-store.ts";
import type { AuthorizeRequest } from "./authorize-request.ts";
import { expectGrantable } from "./grant.ts";

/**
 * May this person let the application act as them in this way? The organization of the application must be theirs, or
 * one of its administrators must have prepared the very token for them: so nobody is asked by strangers.
 *
 * @throws {RegistryError} `DENIED`, `SCOPE_INSUFFICIENT`
 */
export async function expectMayAuthorize(
  { database, permissions }: Administration,
  person: AccountPrincipal,
  { application, grant, redirectUri, assignment }: AuthorizeRequest,
): Promise<void> {
  expectGrantable(person, grant);
  if (assignment !== undefined) {
    const row = await findAssignment(database.read, person.accountId, assignment);
    const repositories =
      grant.repositories === undefined ? null : JSON.stringify(grant.repositories);
    const isTheOne =
      row?.application_id === application.id &&
      row.redirect_uri === redirectUri &&
      row.scopes === grant.scopes &&
      row.repositories === repositories;
    if (isTheOne) return;
    throw new RegistryError("DENIED", "no such token was prepared for you");
  }
  const organization = { id: application.organization_id };
  if ((await permissions.namespaceRole(person, organization)) !== undefined) return;
  throw new RegistryError(
    "DENIED",
    `${application.name} is for members of ${application.organization}, and for whom its administrators have prepared a token`,
  );
}
