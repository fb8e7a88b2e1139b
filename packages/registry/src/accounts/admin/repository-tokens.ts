import { randomUUID } from "node:crypto";
import { recordAudit } from "../../audit/record-audit.ts";
import { RegistryError } from "../../http/registry-error.ts";
import { insertCredential } from "../credential-store.ts";
import {
  findRepositoryTokenRow,
  listRepositoryTokenRows,
  removeRepositoryTokenRow,
} from "../repository-token-store.ts";
import type { RepositoryTokenRow } from "../repository-token-store.ts";
import type { Role } from "../role.ts";
import { hashSecret, makeSecret } from "../secret.ts";
import { checkNewSecret } from "./access-secrets.ts";
import type { MadeSecret, NewSecret } from "./access-secrets.ts";
import { actorName } from "./actor.ts";
import type { Actor } from "./actor.ts";
import type { Administration } from "./administration.ts";
import { factsOf, needRepository } from "./repository-permissions.ts";

/** All at once, for whoever wants no pages. */
const ALL = { after: 0, limit: 1000 };

/** A secret for one repository, whoever holds it: user `$token`. */
export async function createRepositoryToken(
  administration: Administration,
  actor: Actor,
  repositoryName: string,
  options: NewSecret & { readonly role: Role },
): Promise<MadeSecret & { readonly uuid: string; readonly createdAt: number }> {
  const repository = await needRepository(administration, actor, repositoryName);
  const createdAt = administration.now();
  checkNewSecret(options, createdAt);
  const { role, title, expiresAt } = options;
  const secret = makeSecret();
  const uuid = randomUUID();
  const id = await administration.database.transaction(async (trx) => {
    const made = await insertCredential(trx, {
      kind: "repository",
      accountId: null,
      repositoryId: repository.id,
      role,
      title,
      uuid,
      secretHash: hashSecret(secret),
      createdAt,
      expiresAt,
      createdBy: actorName(actor),
    });
    const metadata = { ...factsOf(repository), token: title, code: uuid, role };
    const kind = "create_repository_token";
    await recordAudit(trx, actor, { kind, repository, metadata }, createdAt);
    return made;
  });
  return { id, uuid, createdAt, user: "$token", secret };
}

/** The secrets of a repository, without what is secret, by id. */
export async function listRepositoryTokens(
  administration: Administration,
  actor: Actor,
  repositoryName: string,
  page: { readonly after: number; readonly limit: number } = ALL,
): Promise<RepositoryTokenRow[]> {
  const { id } = await needRepository(administration, actor, repositoryName);
  return listRepositoryTokenRows(administration.database.read, id, page);
}

/** @throws {RegistryError} `DENIED`; `NOT_FOUND` */
export async function findRepositoryToken(
  administration: Administration,
  actor: Actor,
  repositoryName: string,
  uuid: string,
): Promise<RepositoryTokenRow> {
  const { id } = await needRepository(administration, actor, repositoryName);
  const row = await findRow(administration, id, uuid);
  if (row === undefined) throw unknownToken(repositoryName, uuid);
  return row;
}

/** It is worth nothing from now on. @throws {RegistryError} `DENIED`; `NOT_FOUND` */
export async function deleteRepositoryToken(
  administration: Administration,
  actor: Actor,
  repositoryName: string,
  uuid: string,
): Promise<void> {
  const repository = await needRepository(administration, actor, repositoryName);
  const row = await findRow(administration, repository.id, uuid);
  if (row === undefined) throw unknownToken(repositoryName, uuid);
  const isOurs = await administration.database.transaction(async (trx) => {
    if (!(await removeRepositoryTokenRow(trx, row.id))) return false;
    const metadata = { ...factsOf(repository), token: row.title, code: row.uuid };
    const deed = { kind: "revoke_repository_token", repository, metadata } as const;
    await recordAudit(trx, actor, deed, administration.now());
    return true;
  });
  if (!isOurs) throw unknownToken(repositoryName, uuid);
}

async function findRow(
  { database }: Administration,
  repositoryId: number,
  uuid: string,
): Promise<RepositoryTokenRow | undefined> {
  if (!/^[0-9a-f-]{36}$/.test(uuid)) return undefined;
  return findRepositoryTokenRow(database.read, repositoryId, uuid);
}

function unknownToken(repository: string, uuid: string): RegistryError {
  const shown = uuid.slice(0, 36);
  return new RegistryError("NOT_FOUND", `${repository} has no token ${shown}`, {
    detail: { field: "code", value: shown },
  });
}
