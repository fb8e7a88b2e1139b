import { randomUUID } from "node:crypto";
import { recordAudit } from "../../audit/record-audit.ts";
import { RegistryError } from "../../http/registry-error.ts";
import { insertCredential, listCredentials, removeCredential } from "../credential-store.ts";
import type { ListedCredential } from "../credential-store.ts";
import { hashSecret, makeSecret } from "../secret.ts";
import { actorName, requireSelf } from "./actor.ts";
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
  readonly uuid: string;
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
  return { id: made.id, uuid: made.uuid, user: "$app", secret: made.secret };
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

/** It is worth nothing from now on. @throws {RegistryError} `DENIED`; `NOT_FOUND` when the user has none of that UUID */
export async function deleteUserToken(
  administration: Administration,
  actor: Actor,
  name: string,
  uuid: string,
): Promise<void> {
  requireSelf(actor, name);
  const { database, now } = administration;
  const user = await needAccount(administration, name, ["user"]);
  await database.transaction(async (trx) => {
    const tokens = await listCredentials(trx, { account_id: user.id });
    const token = tokens.find((one) => one.uuid === uuid);
    if (token === undefined || !(await removeCredential(trx, { account_id: user.id }, token.id))) {
      const shown = uuid.slice(0, 36);
      throw new RegistryError("NOT_FOUND", `${name} has no token ${shown}`, {
        detail: { uuid: shown },
      });
    }
    const deed =
      token.kind === "application"
        ? ({
            kind: "revoke_app_specific_token",
            metadata: { app_specific_token_title: token.title, app_specific_token: uuid },
          } as const)
        : ({
            kind: "revoke_oauth_api_token",
            metadata: { oauth_token_uuid: uuid, token_display_name: token.title },
          } as const);
    await recordAudit(trx, actor, { ...deed, namespace: user }, now());
  });
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
  const uuid = randomUUID();
  const { title, expiresAt } = options;
  const id = await database.transaction(async (trx) => {
    const metadata = { oauth_token_uuid: uuid, token_display_name: title };
    const kind = "create_oauth_api_token";
    await recordAudit(trx, actor, { kind, namespace: user, metadata }, now());
    return insertCredential(trx, {
      kind: "oauth",
      accountId: user.id,
      title,
      uuid,
      secretHash: hashSecret(secret),
      createdAt: now(),
      createdBy: actorName(actor),
      expiresAt,
    });
  });
  return { id, uuid, user: "$oauthtoken", secret };
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
