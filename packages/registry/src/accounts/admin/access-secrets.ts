import { RegistryError } from "../../http/registry-error.ts";
import type { Repository } from "../../repositories/repository.ts";
import { insertCredential, listCredentials, removeCredential } from "../credential-store.ts";
import type { ListedCredential } from "../credential-store.ts";
import type { Role } from "../role.ts";
import { hashSecret, makeSecret } from "../secret.ts";
import { requireRepositoryAdmin, requireSelf, unknownRepository } from "./actor.ts";
import type { Actor } from "./actor.ts";
import { needAccount } from "./administration.ts";
import type { Administration } from "./administration.ts";

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
  return createForUser(administration, actor, name, secret, "application");
}

/** A secret that acts as a user: user `$oauthtoken`. */
export async function createOauthToken(
  administration: Administration,
  actor: Actor,
  name: string,
  secret: NewSecret,
): Promise<MadeSecret> {
  return createForUser(administration, actor, name, secret, "oauth");
}

/** A secret for one repository, whoever holds it: user `$token`. */
export async function createRepositoryToken(
  administration: Administration,
  actor: Actor,
  repositoryName: string,
  options: NewSecret & { readonly role: Role },
): Promise<MadeSecret> {
  const repository = await needRepository(administration, actor, repositoryName);
  checkNewSecret(options, administration.now());
  const secret = makeSecret();
  const id = await administration.database.transaction((trx) =>
    insertCredential(trx, {
      kind: "repository",
      accountId: null,
      repositoryId: repository.id,
      role: options.role,
      title: options.title,
      secretHash: hashSecret(secret),
      createdAt: administration.now(),
      expiresAt: options.expiresAt,
    }),
  );
  return { id, user: "$token", secret };
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

/** The secrets of a repository, without what is secret. */
export async function listRepositoryTokens(
  administration: Administration,
  actor: Actor,
  repositoryName: string,
): Promise<ListedCredential[]> {
  const { id } = await needRepository(administration, actor, repositoryName);
  return listCredentials(administration.database.read, { repository_id: id });
}

/** It is worth nothing from now on. @returns false when the repository has none of that id */
export async function deleteRepositoryToken(
  administration: Administration,
  actor: Actor,
  repositoryName: string,
  id: number,
): Promise<boolean> {
  const repository = await needRepository(administration, actor, repositoryName);
  return administration.database.transaction((trx) =>
    removeCredential(trx, { repository_id: repository.id }, id),
  );
}

/** The permission check for secrets of a repository, with the repository that it needs. */
async function needRepository(
  administration: Administration,
  actor: Actor,
  name: string,
): Promise<Repository> {
  const repository = await administration.findRepository(name);
  if (repository === undefined) throw unknownRepository(name);
  await requireRepositoryAdmin(administration.permissions, actor, repository);
  return repository;
}

async function createForUser(
  administration: Administration,
  actor: Actor,
  name: string,
  options: NewSecret,
  kind: "application" | "oauth",
): Promise<MadeSecret> {
  requireSelf(actor, name);
  const { database, now } = administration;
  const user = await needAccount(administration, name, ["user"]);
  checkNewSecret(options, now());
  const secret = makeSecret();
  const id = await database.transaction((trx) =>
    insertCredential(trx, {
      kind,
      accountId: user.id,
      title: options.title,
      secretHash: hashSecret(secret),
      createdAt: now(),
      expiresAt: options.expiresAt,
    }),
  );
  return { id, user: kind === "application" ? "$app" : "$oauthtoken", secret };
}

function checkNewSecret({ title, expiresAt }: NewSecret, now: number): void {
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
