import type { Actor } from "../admin/actor.ts";
import type { Administration } from "../admin/administration.ts";
import { unknown } from "./applications.ts";
import { findApplication } from "./application-store.ts";

/** What everybody may know of an application: they are asked to let it act as them. */
export interface ApplicationFacts {
  readonly name: string;
  readonly description: string;
  /** Its home page. */
  readonly uri: string;
  readonly organization: {
    readonly name: string;
    readonly isAdmin: boolean;
    readonly isMember: boolean;
  };
}

/** @throws {RegistryError} `NOT_FOUND` */
export async function publicFacts(
  { database, permissions }: Administration,
  actor: Actor,
  clientId: string,
): Promise<ApplicationFacts> {
  const application = await findApplication(database.read, clientId);
  if (application === undefined) throw unknown(clientId);
  const role =
    actor.kind === "operator"
      ? "admin"
      : await permissions.namespaceRole(actor, { id: application.organization_id });
  return {
    name: application.name,
    description: application.description,
    uri: application.application_uri,
    organization: {
      name: application.organization,
      isAdmin: role === "admin",
      isMember: role !== undefined,
    },
  };
}
