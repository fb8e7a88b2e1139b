import { RegistryError } from "../../http/registry-error.ts";
import { insertCredential, listCredentials, removeCredential } from "../credential-store.ts";
import type { ListedCredential } from "../credential-store.ts";
import { hashSecret, makeSecret } from "../secret.ts";
import { requireSelf } from "./actor.ts";
import type { Actor } from "./actor.ts";
import { needAccount } from "./administration.ts";
import type { Administration } from "./administration.ts";
import { createAppToken } from "../users/app-tokens.ts";

export interface NewSecret {
  /** For people, to tell secrets apart. */
  readonly title: string;
  /** Milliseconds since 1970; undefined: it does not expire. */
  readonly expiresAt?: number | undefined;
}

export interface MadeSecret {
  readonly id: number;
  /** User of Basic logins. */
  readonly user: "$app" | "$oauthtoken" | "$token";
  /** Shown once; only its hash is stored. */
  readonly secret: string;
}

/** A secret in place of a user's password, for one client: user `$app`. */
export async function createApplicationToken(
  administration: Administration,
  actor: Actor,
  name: string,
  secret: NewSecret,
): Promise<MadeSecret> {
  checkNewSecret(secret, administration.now());
  const made = await createAppToken(administration, actor, name, secret);
  return { id: made.id, user: "$app", secret: made.secret };
}

/** A secret that acts as a user: user `$oauthtoken`. */
export async function createOauthToken(
  administration: Administration,
  actor: Actor,
  name: string,
  secret: NewSecret,
): Promise<MadeSecret> {
  return createForUser(administration, actor, name, secret);
}

/** The secrets of a user, without what is secret. */
export async function listUserTokens(
  administration: Administration,
  actor: Actor,
  name: string,
): Promise<ListedCredential[]> {
  requireSelf(actor, name);
  const user = await needAccount(administration, name, ["user"]);
  return listCredentials(administration.database.read, { account_id: user.id });
}

/** It is worth nothing from now on. @returns false when the user has none of that id */
export async function deleteUserToken(
  administration: Administration,
  actor: Actor,
  name: string,
  id: number,
): Promise<boolean> {
  requireSelf(actor, name);
  const user = await needAccount(administration, name, ["user"]);
  return administration.database.transaction((trx) =>
    removeCredential(trx, { account_id: user.id }, id),
  );
}

async function createForUser(
  administration: Administration,
  actor: Actor,
  name: string,
  options: NewSecret,
): Promise<MadeSecret> {
  requireSelf(actor, name);
  const { database, now } = administration;
  const user = await needAccount(administration, name, ["user"]);
  checkNewSecret(options, now());
  const secret = makeSecret();
  const id = await database.transaction((trx) =>
    insertCredential(trx, {
      kind: "oauth",
      accountId: user.id,
      title: options.title,
      secretHash: hashSecret(secret),
      createdAt: now(),
      expiresAt: options.expiresAt,
    }),
  );
  return { id, user: "$oauthtoken", secret };
}

/** @throws {RegistryError} `PARAMETER_INVALID` naming the field */
export function checkNewSecret({ title, expiresAt }: NewSecret, now: number): void {
  if (title.length > 255 || title.includes("\0")) {
    throw new RegistryError("PARAMETER_INVALID", "title must have at most 255 characters", {
      detail: { field: "title" },
    });
  }
  if (expiresAt !== undefined && !(Number.isSafeInteger(expiresAt) && expiresAt > now)) {
    throw new RegistryError("PARAMETER_INVALID", "expiresAt must be a time to come", {
      detail: { field: "expiresAt", value: expiresAt },
    });
  }
}
