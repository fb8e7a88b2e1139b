import { randomUUID } from "node:crypto";
import { recordAudit } from "../../audit/record-audit.ts";
import { RegistryError } from "../../http/registry-error.ts";
import { notifyAccount, withdrawNotice } from "../../notifications/notify-account.ts";
import type { Actor } from "../admin/actor.ts";
import { needAccount } from "../admin/administration.ts";
import type { Administration } from "../admin/administration.ts";
import { personOf } from "../person.ts";
import { principalName } from "../principal.ts";
import { unknown } from "./applications.ts";
import { findApplication } from "./application-store.ts";
import { insertAssignment, listAssignmentsOf, removeAssignment } from "./assignment-store.ts";
import type { AssignmentRow } from "./assignment-store.ts";
import { parseGrant } from "./grant.ts";

/** A token that is prepared for a user, who makes it by accepting it: then it acts as them. */
export interface NewAssignment {
  readonly clientId: string;
  readonly username: string;
  /** One that the application may have. */
  readonly redirectUri: string;
  readonly responseType: "token" | "code";
  readonly scope: string;
  readonly repositories?: readonly string[] | undefined;
}

/**
 * Offers a token to a user, who is told by a notification.
 *
 * @param isRedirectUri tells whether the application may have browsers sent there
 * @throws {RegistryError} `DENIED`; `NOT_FOUND`; `PARAMETER_INVALID`
 */
export async function assignToken(
  administration: Administration,
  actor: Actor,
  wish: NewAssignment,
  isRedirectUri: (registered: string) => boolean,
): Promise<string> {
  const { database, rights, now } = administration;
  const application = await findApplication(database.read, wish.clientId);
  if (application === undefined) throw unknown(wish.clientId);
  const organization = { id: application.organization_id, name: application.organization };
  await rights.require(actor, "organization.admin", { organization });
  if (!isRedirectUri(application.redirect_uri)) {
    throw new RegistryError("PARAMETER_INVALID", "redirect_uri is not the application's", {
      detail: { field: "redirect_uri" },
    });
  }
  const grant = parseGrant(wish.scope, wish.repositories);
  const user = await needAccount(administration, wish.username, ["user"]);
  const uuid = randomUUID();
  const by = actor.kind === "operator" ? null : (principalName(actor) ?? null);
  await database.transaction(async (trx) => {
    await insertAssignment(trx, {
      uuid,
      application_id: application.id,
      account_id: user.id,
      scopes: grant.scopes,
      repositories: grant.repositories === undefined ? null : JSON.stringify(grant.repositories),
      redirect_uri: wish.redirectUri,
      response_type: wish.responseType,
      created_at: now(),
    });
    const about = aboutOf(uuid);
    const notice = { username: by, application: application.name, organization: organization.name };
    const kind = "assigned_authorization";
    await notifyAccount(trx, user.id, { kind, metadata: notice, about }, now());
    const metadata = {
      assigning_user: by,
      assigned_user: user.name,
      application: application.name,
      client_id: application.client_id,
    };
    const deed = { kind: "oauth_token_assigned", namespace: organization, metadata } as const;
    await recordAudit(trx, actor, deed, now());
  });
  return uuid;
}

/** One page of what was prepared for the actor, newest first. */
export async function listAssignments(
  administration: Administration,
  actor: Actor,
  page: Parameters<typeof listAssignmentsOf>[2],
): Promise<AssignmentRow[]> {
  await administration.rights.require(actor, "self.admin");
  return listAssignmentsOf(administration.database.read, personOf(actor).accountId, page);
}

/** The actor does not want it. @throws {RegistryError} `NOT_FOUND` */
export async function declineAssignment(
  administration: Administration,
  actor: Actor,
  uuid: string,
): Promise<void> {
  await administration.rights.require(actor, "self.admin");
  const { accountId } = personOf(actor);
  const isGone = await administration.database.transaction((trx) =>
    settleAssignment(trx, accountId, uuid),
  );
  if (isGone) return;
  throw new RegistryError("NOT_FOUND", `nothing was prepared as ${uuid.slice(0, 64)}`);
}

/** Takes it away, with its notification. @returns false when it is gone already */
export async function settleAssignment(
  trx: Parameters<typeof removeAssignment>[0],
  accountId: number,
  uuid: string,
): Promise<boolean> {
  if (!(await removeAssignment(trx, accountId, uuid))) return false;
  const kind = "assigned_authorization";
  await withdrawNotice(trx, accountId, { kind, about: aboutOf(uuid) });
  return true;
}

function aboutOf(uuid: string): string {
  return `assignment:${uuid}`;
}
