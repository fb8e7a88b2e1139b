import { z } from "zod";
import { decodeCursor, pageOf } from "../../api/cursor.ts";
import { recordAudit } from "../../audit/record-audit.ts";
import { RegistryError } from "../../http/registry-error.ts";
import { actorName, requireSelf } from "../admin/actor.ts";
import type { Actor } from "../admin/actor.ts";
import { needAccount } from "../admin/administration.ts";
import type { Administration } from "../admin/administration.ts";
import { insertCredential } from "../credential-store.ts";
import type { AccountPrincipal } from "../principal.ts";
import { makeCredential, openCredential } from "../sealed-credential.ts";
import {
  deleteToken,
  findToken,
  listAllTokens,
  listExpiringTokens,
  listTokens,
} from "./app-token-store.ts";
import type { AppTokenRow } from "./app-token-store.ts";

/** A secret in place of a user's password, for one client. */
export type AppToken = Omit<AppTokenRow, "sealed">;

/** What {@link createAppToken} has made. */
export interface MadeAppToken {
  readonly id: number;
  readonly uuid: string;
  /** For `docker login`, with `$app` or the user's name. */
  readonly secret: string;
}

export interface TokenList {
  readonly cursor: string | undefined;
  readonly limit: number;
  /** Only those that expire within {@link SOON}. */
  readonly expiring: boolean;
}

interface TokenPage {
  readonly entries: readonly AppToken[];
  readonly next_page?: string;
}

/** In milliseconds. */
const SOON = 7 * 86_400_000;

/**
 * @param name of the user
 * @throws {RegistryError} `DENIED` unless it is the user, a superuser or the operator; `PARAMETER_INVALID`
 */
export async function createAppToken(
  administration: Administration,
  actor: Actor,
  name: string,
  { title, expiresAt }: { readonly title: string; readonly expiresAt?: number | undefined },
): Promise<MadeAppToken> {
  requireSelf(actor, name);
  const { database, sealedSecrets, now } = administration;
  const user = await needAccount(administration, name, ["user"]);
  checkTitle(title);
  checkExpiration(expiresAt, now());
  const { uuid, secret, secretHash, sealed } = await makeCredential(sealedSecrets);
  const id = await database.transaction(async (trx) => {
    const metadata = { app_specific_token_title: title, app_specific_token: uuid };
    const kind = "create_app_specific_token";
    await recordAudit(trx, actor, { kind, namespace: user, metadata }, now());
    return insertCredential(trx, {
      kind: "application",
      accountId: user.id,
      title,
      secretHash,
      createdAt: now(),
      expiresAt,
      uuid,
      sealed,
      createdBy: actorName(actor),
    });
  });
  return { id, uuid, secret };
}

/** The user's own, by age; by expiration, where only those are asked for that expire soon. */
export async function listOwnAppTokens(
  { database, rights, now }: Administration,
  actor: AccountPrincipal,
  list: TokenList,
): Promise<TokenPage> {
  await rights.require(actor, "self.admin");
  return pageOfTokens(list, now(), {
    byAge: (page) => listTokens(database.read, actor.accountId, page),
    byExpiration: (page) => listExpiringTokens(database.read, actor.accountId, page),
  });
}

/** Everybody's, in the same order. */
export async function listEveryAppToken(
  { database, rights, now }: Administration,
  actor: Actor,
  list: TokenList,
): Promise<TokenPage> {
  await rights.require(actor, "superuser");
  return pageOfTokens(list, now(), {
    byAge: (page) => listAllTokens(database.read, page),
    byExpiration: (page) => listExpiringTokens(database.read, undefined, page),
  });
}

/** @returns `secret` undefined: it cannot be shown again. @throws {RegistryError} `NOT_FOUND` */
export async function getOwnAppToken(
  { database, rights, sealedSecrets }: Administration,
  actor: AccountPrincipal,
  uuid: string,
): Promise<AppToken & { readonly secret: string | undefined }> {
  await rights.require(actor, "self.admin");
  const token = await needToken(database.read, uuid, actor.accountId);
  return { ...token, secret: await openCredential(sealedSecrets, token) };
}

/** It is worth nothing from now on. @throws {RegistryError} `NOT_FOUND` */
export async function revokeOwnAppToken(
  administration: Administration,
  actor: AccountPrincipal,
  uuid: string,
): Promise<void> {
  await administration.rights.require(actor, "self.admin");
  await revoke(administration, actor, uuid, actor.accountId);
}

/** As {@link revokeOwnAppToken}, of any user. */
export async function revokeAnyAppToken(
  administration: Administration,
  actor: Actor,
  uuid: string,
): Promise<void> {
  await administration.rights.require(actor, "superuser");
  await revoke(administration, actor, uuid, undefined);
}

async function revoke(
  { database, now }: Administration,
  actor: Actor,
  uuid: string,
  accountId: number | undefined,
): Promise<void> {
  await database.transaction(async (trx) => {
    const token = await needToken(trx, uuid, accountId);
    if (!(await deleteToken(trx, token.id))) throw unknown(uuid);
    const metadata = { app_specific_token_title: token.title, app_specific_token: uuid };
    const namespace = { id: token.account_id, name: token.user };
    const kind = "revoke_app_specific_token";
    await recordAudit(trx, actor, { kind, namespace, metadata }, now());
  });
}

/** @param accountId whose it must be; undefined: anybody's */
async function needToken(
  db: Parameters<typeof findToken>[0],
  uuid: string,
  accountId: number | undefined,
): Promise<AppTokenRow> {
  const token = await findToken(db, uuid);
  if (token === undefined) throw unknown(uuid);
  if (accountId !== undefined && token.account_id !== accountId) throw unknown(uuid);
  return token;
}

const AgeCursor = z.int();
const ExpirationCursor = z.tuple([z.int(), z.int()]);

async function pageOfTokens(
  { cursor, limit, expiring }: TokenList,
  now: number,
  find: {
    readonly byAge: (page: Parameters<typeof listTokens>[2]) => Promise<AppTokenRow[]>;
    readonly byExpiration: (
      page: Parameters<typeof listExpiringTokens>[2],
    ) => Promise<AppTokenRow[]>;
  },
): Promise<TokenPage> {
  if (!expiring) {
    const after = decodeCursor(cursor, AgeCursor) ?? 0;
    return pageOf(await find.byAge({ after, limit: limit + 1 }), limit, ({ id }) => id);
  }
  const after = decodeCursor(cursor, ExpirationCursor);
  const rows = await find.byExpiration({ from: now, until: now + SOON, after, limit: limit + 1 });
  return pageOf(rows, limit, (row) => [row.expires_at, row.id]);
}

function unknown(uuid: string): RegistryError {
  return new RegistryError("NOT_FOUND", `there is no application token ${uuid.slice(0, 36)}`);
}

function checkTitle(title: string): void {
  if (title.length <= 255 && !title.includes("\0")) return;
  throw new RegistryError("PARAMETER_INVALID", "title must have at most 255 characters", {
    detail: { field: "title" },
  });
}

function checkExpiration(expiresAt: number | undefined, now: number): void {
  if (expiresAt === undefined || (Number.isSafeInteger(expiresAt) && expiresAt > now)) return;
  throw new RegistryError("PARAMETER_INVALID", "expiration must be a time to come", {
    detail: { field: "expiration", value: expiresAt },
  });
}
