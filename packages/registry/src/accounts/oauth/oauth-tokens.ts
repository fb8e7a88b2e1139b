// Long because it is one thing: how tokens of applications are made, listed and revoked.
import { randomUUID } from "node:crypto";
import type { Transaction } from "kysely";
import { recordAudit } from "../../audit/record-audit.ts";
import type { Tables } from "../../database/tables.ts";
import { RegistryError } from "../../http/registry-error.ts";
import type { Actor } from "../admin/actor.ts";
import type { Administration } from "../admin/administration.ts";
import { insertCredential } from "../credential-store.ts";
import { personOf } from "../person.ts";
import type { AccountPrincipal } from "../principal.ts";
import { hashSecret, makeSecret } from "../secret.ts";
import { needApplication } from "./applications.ts";
import type { ApplicationPlace } from "./applications.ts";
import type { ApplicationRow } from "./application-store.ts";
import { expectGrantable, parseGrant } from "./grant.ts";
import type { Grant } from "./grant.ts";
import {
  findTokenOfAccount,
  findTokenOfApplication,
  listTokensOfAccount,
  listTokensOfApplication,
  removeToken,
} from "./oauth-token-store.ts";
import type { OauthTokenRow, TokenPage } from "./oauth-token-store.ts";

/** Quay's ten years: no token lasts longer. */
const LONGEST_LIFE = 10 * 365.25 * 86_400_000;

/** A token of an application; times are milliseconds since 1970. */
export interface OauthToken {
  readonly id: number;
  readonly uuid: string;
  readonly name: string;
  /** Separated by spaces. */
  readonly scopes: string;
  /** Full names; undefined: all that its account may. */
  readonly repositories: readonly string[] | undefined;
  readonly createdAt: number;
  /** The user whom it acts as. */
  readonly createdBy: string | null;
  readonly expiresAt: number | null;
  readonly lastUsedAt: number | null;
  readonly lastUsedFrom: string | null;
  readonly application: {
    readonly name: string;
    readonly clientId: string;
    readonly description: string;
    readonly uri: string;
    readonly organization: string;
  };
}

export interface NewOauthToken {
  readonly name: string;
  /** Separated by spaces or commas. */
  readonly scope: string;
  /** Full names of the only repositories that it is for. */
  readonly repositories?: readonly string[] | undefined;
  /** Milliseconds; undefined: as configured. Ten years at most. */
  readonly life?: number | undefined;
}

/** The secret of a token is shown once. */
export interface MadeOauthToken {
  readonly token: OauthToken;
  readonly secret: string;
}

/**
 * Makes a token that acts as the actor.
 *
 * @throws {RegistryError} `DENIED`, `SCOPE_INSUFFICIENT`; `NOT_FOUND`; `PARAMETER_INVALID` naming the field
 */
export async function createOauthApplicationToken(
  administration: Administration,
  actor: Actor,
  place: ApplicationPlace,
  { name, scope, repositories, life }: NewOauthToken,
): Promise<MadeOauthToken> {
  const { row } = await needApplication(administration, actor, place);
  const person = personOf(actor);
  const title = checkedTitle(name);
  const grant = parseGrant(scope, repositories);
  expectGrantable(person, grant);
  const { database } = administration;
  return database.transaction((trx) =>
    insertOauthToken(administration, trx, person, row, { title, grant, life }),
  );
}

/** @throws {RegistryError} `PARAMETER_INVALID` */
export function checkedTitle(name: string): string {
  const title = name.trim();
  if (title !== "" && title.length <= 255 && !title.includes("\0")) return title;
  throw new RegistryError("PARAMETER_INVALID", "name must have 1 to 255 characters", {
    detail: { field: "name" },
  });
}

/**
 * Makes a token in a transaction in which it is known that it may be made.
 *
 * @param person whom it acts as
 * @param wish.life as in {@link NewOauthToken}
 * @param actor who makes it
 */
export async function insertOauthToken(
  { config, now }: Administration,
  trx: Transaction<Tables>,
  person: AccountPrincipal,
  application: ApplicationRow,
  wish: { readonly title: string; readonly grant: Grant; readonly life?: number | undefined },
  actor: Actor = person,
): Promise<MadeOauthToken> {
  const { title, grant, life = config.accounts.oauthTokenLifetime } = wish;
  const secret = makeSecret();
  const uuid = randomUUID();
  const createdAt = now();
  const expiresAt = createdAt + Math.max(1000, Math.min(LONGEST_LIFE, Math.floor(life)));
  const id = await insertCredential(trx, {
    kind: "oauth",
    accountId: person.accountId,
    applicationId: application.id,
    title,
    uuid,
    secretHash: hashSecret(secret),
    scopes: grant.scopes,
    repositories: grant.repositories,
    createdBy: person.name,
    createdAt,
    expiresAt,
  });
  const deed = {
    kind: "create_oauth_api_token",
    namespace: { id: application.organization_id, name: application.organization },
    metadata: {
      oauth_token_uuid: uuid,
      scope: grant.scopes,
      repositories: grant.repositories,
      token_display_name: title,
      application_name: application.name,
      client_id: application.client_id,
    },
  } as const;
  await recordAudit(trx, actor, deed, createdAt);
  const token = {
    id,
    uuid,
    name: title,
    ...grant,
    createdAt,
    createdBy: person.name,
    expiresAt,
    lastUsedAt: null,
    lastUsedFrom: null,
    application: {
      name: application.name,
      clientId: application.client_id,
      description: application.description,
      uri: application.application_uri,
      organization: application.organization,
    },
  };
  return { token, secret };
}

/** One page of an application's tokens, newest first. @throws {RegistryError} `DENIED`; `NOT_FOUND` */
export async function listOauthApplicationTokens(
  administration: Administration,
  actor: Actor,
  place: ApplicationPlace,
  page: TokenPage,
): Promise<OauthToken[]> {
  const { row } = await needApplication(administration, actor, place);
  return (await listTokensOfApplication(administration.database.read, row.id, page)).map(tokenOf);
}

/** It is worth nothing from now on. @throws {RegistryError} `DENIED`; `NOT_FOUND` */
export async function deleteOauthApplicationToken(
  administration: Administration,
  actor: Actor,
  place: ApplicationPlace,
  uuid: string,
): Promise<void> {
  const { row } = await needApplication(administration, actor, place);
  await administration.database.transaction(async (trx) => {
    const found = await findTokenOfApplication(trx, row.id, uuid);
    if (found === undefined || !(await revoke(administration, trx, actor, found))) {
      throw unknownToken(uuid);
    }
  });
}

/** One page of the tokens of applications that act as the actor, newest first. */
export async function listAuthorizations(
  administration: Administration,
  actor: Actor,
  page: TokenPage,
): Promise<OauthToken[]> {
  await administration.rights.require(actor, "self.admin");
  const { accountId } = personOf(actor);
  return (await listTokensOfAccount(administration.database.read, accountId, page)).map(tokenOf);
}

/** @throws {RegistryError} `NOT_FOUND` */
export async function getAuthorization(
  administration: Administration,
  actor: Actor,
  uuid: string,
): Promise<OauthToken> {
  await administration.rights.require(actor, "self.admin");
  const { accountId } = personOf(actor);
  const found = await findTokenOfAccount(administration.database.read, accountId, uuid);
  if (found === undefined) throw unknownToken(uuid);
  return tokenOf(found);
}

/** It is worth nothing from now on. @throws {RegistryError} `NOT_FOUND` */
export async function deleteAuthorization(
  administration: Administration,
  actor: Actor,
  uuid: string,
): Promise<void> {
  await administration.rights.require(actor, "self.admin");
  const { accountId } = personOf(actor);
  await administration.database.transaction(async (trx) => {
    const found = await findTokenOfAccount(trx, accountId, uuid);
    if (found === undefined || !(await revoke(administration, trx, actor, found))) {
      throw unknownToken(uuid);
    }
  });
}

/** @returns false when somebody else has done it */
export async function revoke(
  { now }: Pick<Administration, "now">,
  trx: Transaction<Tables>,
  actor: Actor,
  token: OauthTokenRow,
): Promise<boolean> {
  if (!(await removeToken(trx, token.id))) return false;
  const deed = {
    kind: "revoke_oauth_api_token",
    namespace: { id: token.organization_id, name: token.organization },
    metadata: {
      oauth_token_uuid: token.uuid,
      token_display_name: token.title,
      application_name: token.application_name,
      client_id: token.client_id,
    },
  } as const;
  await recordAudit(trx, actor, deed, now());
  return true;
}

function tokenOf(row: OauthTokenRow): OauthToken {
  return {
    id: row.id,
    uuid: row.uuid,
    name: row.title,
    scopes: row.scopes ?? "",
    repositories:
      row.repositories === null ? undefined : (JSON.parse(row.repositories) as string[]), // written by us alone
    createdAt: row.created_at,
    createdBy: row.created_by,
    expiresAt: row.expires_at,
    lastUsedAt: row.last_used_at,
    lastUsedFrom: row.last_used_from,
    application: {
      name: row.application_name,
      clientId: row.client_id,
      description: row.description,
      uri: row.application_uri,
      organization: row.organization,
    },
  };
}

function unknownToken(uuid: string): RegistryError {
  const shown = uuid.slice(0, 64);
  return new RegistryError("NOT_FOUND", `there is no token ${shown}`, { detail: { uuid: shown } });
}
