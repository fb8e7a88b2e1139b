// Long because it is one thing: how OAuth applications come, change and go.
import { recordAudit } from "../../audit/record-audit.ts";
import { RegistryError } from "../../http/registry-error.ts";
import type { AccountRow } from "../account-store.ts";
import type { Actor } from "../admin/actor.ts";
import { needAccount } from "../admin/administration.ts";
import type { Administration } from "../admin/administration.ts";
import { hashSecret, makeSecret, randomText } from "../secret.ts";
import {
  findApplication,
  insertApplication,
  listApplicationsOf,
  removeApplication,
  updateApplication,
} from "./application-store.ts";
import type { ApplicationRow } from "./application-store.ts";
import { checkRedirectUri } from "./redirect-uri.ts";

/** An OAuth application of an organization. */
export interface Application {
  readonly clientId: string;
  /** Undefined: it cannot be shown again. */
  readonly clientSecret: string | undefined;
  readonly name: string;
  readonly description: string;
  readonly applicationUri: string;
  /** Empty: browsers are sent nowhere. */
  readonly redirectUri: string;
  readonly avatarEmail: string | null;
}

export interface ApplicationSettings {
  readonly name?: string | undefined;
  readonly description?: string | undefined;
  readonly applicationUri?: string | undefined;
  readonly redirectUri?: string | undefined;
  readonly avatarEmail?: string | null | undefined;
}

/** Which application. */
export interface ApplicationPlace {
  readonly organization: string;
  readonly clientId: string;
}

/** @throws {RegistryError} `DENIED`; `PARAMETER_INVALID` */
export async function createApplication(
  administration: Administration,
  actor: Actor,
  organization: string,
  settings: ApplicationSettings & { readonly name: string },
): Promise<Application> {
  const namespace = await needOrganization(administration, actor, organization);
  const { database, now, sealedSecrets } = administration;
  checkSettings(settings);
  const clientId = randomText(20);
  const clientSecret = makeSecret();
  const values = {
    organization_id: namespace.id,
    client_id: clientId,
    secret_hash: hashSecret(clientSecret),
    sealed: await sealedSecrets.seal(clientSecret, ownerOf(clientId)),
    name: settings.name,
    description: settings.description ?? "",
    application_uri: settings.applicationUri ?? "",
    redirect_uri: settings.redirectUri ?? "",
    avatar_email: settings.avatarEmail ?? null,
    created_at: now(),
  };
  await database.transaction(async (trx) => {
    await insertApplication(trx, values);
    await audit(trx, actor, "create_application", namespace, values, now());
  });
  return applicationOf(values, clientSecret);
}

/** One page, oldest first. @param page.after id of the last one before it */
export async function listApplications(
  administration: Administration,
  actor: Actor,
  organization: string,
  page: { readonly after: number; readonly limit: number },
): Promise<{ readonly id: number; readonly application: Application }[]> {
  const namespace = await needOrganization(administration, actor, organization);
  const rows = await listApplicationsOf(administration.database.read, namespace.id, page);
  return Promise.all(
    rows.map(async (row) => ({ id: row.id, application: await shown(administration, row) })),
  );
}

/** @throws {RegistryError} `DENIED`; `NOT_FOUND` */
export async function getApplication(
  administration: Administration,
  actor: Actor,
  place: ApplicationPlace,
): Promise<Application> {
  const { row } = await needApplication(administration, actor, place);
  return shown(administration, row);
}

/** What is left out stays as it is. @throws {RegistryError} `DENIED`; `NOT_FOUND`; `PARAMETER_INVALID` */
export async function changeApplication(
  administration: Administration,
  actor: Actor,
  place: ApplicationPlace,
  settings: ApplicationSettings,
): Promise<Application> {
  const { row, namespace } = await needApplication(administration, actor, place);
  checkSettings(settings);
  const { name, description, applicationUri, redirectUri, avatarEmail } = settings;
  const changed = {
    ...row,
    name: name ?? row.name,
    description: description ?? row.description,
    application_uri: applicationUri ?? row.application_uri,
    redirect_uri: redirectUri ?? row.redirect_uri,
    avatar_email: avatarEmail === undefined ? row.avatar_email : avatarEmail,
  };
  const { database, now } = administration;
  await database.transaction(async (trx) => {
    const { description: text, application_uri, redirect_uri, avatar_email } = changed;
    const changes = { application_uri, redirect_uri, avatar_email };
    await updateApplication(trx, row.id, { name: changed.name, description: text, ...changes });
    await audit(trx, actor, "update_application", namespace, changed, now());
  });
  return shown(administration, changed);
}

/** Its tokens are worth nothing from now on. @throws {RegistryError} `DENIED`; `NOT_FOUND` */
export async function deleteApplication(
  administration: Administration,
  actor: Actor,
  place: ApplicationPlace,
): Promise<void> {
  const { row, namespace } = await needApplication(administration, actor, place);
  const { database, now } = administration;
  await database.transaction(async (trx) => {
    await removeApplication(trx, row.id);
    await audit(trx, actor, "delete_application", namespace, row, now());
  });
}

/** The secret it had is worth nothing from now on; its tokens stay. @throws {RegistryError} `DENIED`; `NOT_FOUND` */
export async function resetClientSecret(
  administration: Administration,
  actor: Actor,
  place: ApplicationPlace,
): Promise<Application> {
  const { row, namespace } = await needApplication(administration, actor, place);
  const { database, now, sealedSecrets } = administration;
  const clientSecret = makeSecret();
  const changes = {
    secret_hash: hashSecret(clientSecret),
    sealed: await sealedSecrets.seal(clientSecret, ownerOf(row.client_id)),
  };
  await database.transaction(async (trx) => {
    await updateApplication(trx, row.id, changes);
    await audit(trx, actor, "reset_application_client_secret", namespace, row, now());
  });
  return applicationOf(row, clientSecret);
}

/** The permission check of what is done with applications, with the application that it needs. */
export async function needApplication(
  administration: Administration,
  actor: Actor,
  { organization, clientId }: ApplicationPlace,
): Promise<{ readonly row: ApplicationRow; readonly namespace: AccountRow }> {
  const namespace = await needOrganization(administration, actor, organization);
  const row = await findApplication(administration.database.read, clientId);
  if (row === undefined || row.organization_id !== namespace.id) throw unknown(clientId);
  return { row, namespace };
}

/** There is no such application. */
export function unknown(clientId: string): RegistryError {
  const shownId = clientId.slice(0, 255);
  return new RegistryError("NOT_FOUND", `there is no application ${shownId}`, {
    detail: { client_id: shownId },
  });
}

async function needOrganization(
  administration: Administration,
  actor: Actor,
  name: string,
): Promise<AccountRow> {
  const namespace = await needAccount(administration, name, ["organization"]);
  await administration.rights.require(actor, "organization.admin", { organization: namespace });
  return namespace;
}

function checkSettings({ name, applicationUri, redirectUri }: ApplicationSettings): void {
  if (name !== undefined && name.trim() === "") throw invalid("name", "must not be empty");
  if (redirectUri !== undefined) checkRedirectUri(redirectUri);
  // It becomes a link.
  if (applicationUri !== undefined && applicationUri !== "") {
    const url = URL.parse(applicationUri);
    if (url === null || !/^https?:$/.test(url.protocol)) {
      throw invalid("application_uri", "must begin with https:// or http://");
    }
  }
}

function invalid(field: string, rule: string): RegistryError {
  return new RegistryError("PARAMETER_INVALID", `${field} ${rule}`, { detail: { field } });
}

async function shown({ sealedSecrets }: Administration, row: ApplicationRow): Promise<Application> {
  return applicationOf(row, await sealedSecrets.open(row.sealed, ownerOf(row.client_id)));
}

function applicationOf(
  row: Omit<ApplicationRow, "id" | "organization">,
  clientSecret: string | undefined,
): Application {
  return {
    clientId: row.client_id,
    clientSecret,
    name: row.name,
    description: row.description,
    applicationUri: row.application_uri,
    redirectUri: row.redirect_uri,
    avatarEmail: row.avatar_email,
  };
}

function ownerOf(clientId: string): string {
  return `oauth_application:${clientId}`;
}

async function audit(
  trx: Parameters<typeof recordAudit>[0],
  actor: Actor,
  kind: Parameters<typeof recordAudit>[2]["kind"],
  namespace: AccountRow,
  row: Pick<ApplicationRow, "name" | "client_id" | "redirect_uri">,
  at: number,
): Promise<void> {
  const { name, client_id: clientId, redirect_uri } = row;
  const metadata = { application_name: name, client_id: clientId, redirect_uri };
  await recordAudit(trx, actor, { kind, namespace, metadata }, at);
}
