import type { Transaction } from "kysely";
import { recordAudit, REGISTRY } from "../../audit/record-audit.ts";
import type { Tables } from "../../database/tables.ts";
import { RegistryError } from "../../http/registry-error.ts";
import {
  findAccountByEmail,
  findAccountById,
  findAccountByName,
  insertAccount,
  updateAccount,
} from "../account-store.ts";
import type { AccountRow } from "../account-store.ts";
import type { Administration } from "../admin/administration.ts";
import type { Origin } from "../principal.ts";
import type { ExternalIdentity } from "./external-identity.ts";
import {
  findExternalLogin,
  insertExternalLogin,
  updateExternalLogin,
} from "./external-login-store.ts";
import type { ExternalLoginRow } from "./external-login-store.ts";
import { usernameCandidates } from "./username-candidates.ts";

export interface IdentityOptions {
  /** Make a user of whoever has none yet. */
  readonly createUsers: boolean;
  /** Where they come from; undefined: the registry asks by itself. */
  readonly from?: Origin;
}

/**
 * The user whom a service vouches for: whose login at that service it is, else a new one. Names and e-mail addresses
 * decide nothing, so nobody takes an account over by being called like its owner.
 *
 * @returns undefined when there is none, and none is to be made. It may be disabled
 */
export async function userOfIdentity(
  administration: Administration,
  identity: ExternalIdentity,
  options: IdentityOptions,
): Promise<AccountRow | undefined> {
  const known = await findExternalLogin(
    administration.database.read,
    identity.service,
    identity.subject,
  );
  if (known !== undefined && isAsKnown(known, identity)) {
    return findAccountById(administration.database.read, known.account_id);
  }
  if (known === undefined && !options.createUsers) return undefined;
  try {
    return await findOrCreate(administration, identity, options);
  } catch (error) {
    if (!(error instanceof LostRace)) throw error;
    // The same person signed in at the same moment elsewhere, so now there is a login.
    return findOrCreate(administration, identity, options);
  }
}

async function findOrCreate(
  administration: Administration,
  identity: ExternalIdentity,
  options: IdentityOptions,
): Promise<AccountRow | undefined> {
  const { database, now } = administration;
  return database.transaction(async (trx) => {
    const known = await findExternalLogin(trx, identity.service, identity.subject);
    if (known !== undefined) return refreshed(trx, known, identity, now());
    if (!options.createUsers) return undefined;
    return createUser(trx, identity, options, now());
  });
}

/** Does the service tell of a user what it told before? */
export function isAsKnown(known: ExternalLoginRow, { name, email }: ExternalIdentity): boolean {
  return known.name === name && known.email === (email ?? null) && known.missing_since === null;
}

/** Notes what the service calls them now. Whom the directory has again is disabled no longer. */
async function refreshed(
  trx: Transaction<Tables>,
  known: ExternalLoginRow,
  { name, email }: ExternalIdentity,
  at: number,
): Promise<AccountRow | undefined> {
  await updateExternalLogin(trx, known, { name, email: email ?? null, missing_since: null });
  const account = await findAccountById(trx, known.account_id);
  if (account === undefined || known.missing_since === null || account.enabled === 1) {
    return account;
  }
  await updateAccount(trx, account.id, { enabled: 1 });
  const metadata = { username: account.name, service: known.service };
  await recordAudit(trx, REGISTRY, { kind: "user_enable", namespace: account, metadata }, at);
  return { ...account, enabled: 1 };
}

async function createUser(
  trx: Transaction<Tables>,
  identity: ExternalIdentity,
  { from }: IdentityOptions,
  createdAt: number,
): Promise<AccountRow | undefined> {
  const { service, subject, name, email } = identity;
  const id = await insertUser(trx, identity, createdAt);
  const isNew = await insertExternalLogin(trx, {
    service,
    subject,
    accountId: id,
    name,
    email,
    createdAt,
  });
  if (!isNew) throw new LostRace();
  const account = await findAccountById(trx, id);
  if (account === undefined) throw new Error("a user who was just made is not there");
  const actor =
    from === undefined
      ? REGISTRY
      : ({
          kind: "account",
          accountId: id,
          name: account.name,
          isRobot: false,
          isSuperuser: false,
          from,
        } as const);
  const metadata = { username: account.name, email: email ?? null, service };
  await recordAudit(trx, actor, { kind: "user_create", namespace: account, metadata }, createdAt);
  return account;
}

/** With the first name that is free; the address goes along when nobody else has it. */
async function insertUser(
  trx: Transaction<Tables>,
  { name: wish, email, service }: ExternalIdentity,
  createdAt: number,
): Promise<number> {
  let address = email;
  for (const name of usernameCandidates(wish)) {
    if (await findAccountByName(trx, name)) continue;
    if (address !== undefined && (await findAccountByEmail(trx, address))) address = undefined;
    const id = await insertAccount(trx, { kind: "user", name, email: address, createdAt });
    if (id !== undefined) return id;
  }
  throw new RegistryError("CONFLICT", `no name is free for a user of ${service}`);
}

/** Undoes the transaction: somebody else has made the user meanwhile. */
class LostRace extends Error {}
