import { createHash } from "node:crypto";
import { parseScopes } from "@wharf/contract";
import type { Scope } from "@wharf/contract";
import type { AccountPrincipal, RepositoryPrincipal } from "./principal.ts";
import type { AccountRow } from "./account-store.ts";
import type { CredentialRow } from "./credential-store.ts";

/** Somebody has shown who they are. */
export interface Login {
  readonly principal: AccountPrincipal | RepositoryPrincipal;
  /** The secret must be shown to the database again after this time, in milliseconds. */
  readonly until: number;
  /** What was shown: `password:<account id>` or `credential:<credential id>`. */
  readonly source: string;
  /** Another one as soon as the password or secret is changed. Tells nothing about it. */
  readonly fingerprint: string;
  /** Of the directory that found the password right; undefined: the registry itself. */
  readonly service?: string;
}

/** May somebody who has logged in so still do it? @param account as it is now */
export function isStillGood({ service, fingerprint }: Login, account: AccountRow): boolean {
  return service === undefined
    ? loginByPassword(account, 0)?.fingerprint === fingerprint
    : loginByDirectory(account, service, 0) !== undefined;
}

/** How long a login is believed before the database is asked again, where nothing tells of changes. */
export const BELIEVED = 60_000;

/**
 * The login of a user whose password was right.
 *
 * @param now in milliseconds, when it was checked
 * @returns undefined when the account may not log in with a password
 */
export function loginByPassword(account: AccountRow, now: number): Login | undefined {
  if (account.kind !== "user" || account.enabled !== 1 || account.password_hash === null) return;
  return {
    principal: userPrincipal(account),
    until: now + BELIEVED,
    source: `password:${account.id}`,
    fingerprint: fingerprintOf(account.password_hash),
  };
}

/**
 * The login of a user whose password a directory has found right.
 *
 * @param service id of the directory
 * @returns undefined when the account may not log in
 */
export function loginByDirectory(
  account: AccountRow,
  service: string,
  now: number,
): Login | undefined {
  if (account.kind !== "user" || account.enabled !== 1) return;
  return {
    principal: userPrincipal(account),
    until: now + BELIEVED,
    source: `directory:${account.id}`,
    fingerprint: fingerprintOf(service),
    service,
  };
}

function userPrincipal(account: AccountRow): AccountPrincipal {
  return {
    kind: "account",
    accountId: account.id,
    name: account.name,
    isRobot: false,
    isSuperuser: account.superuser === 1,
    shown: { kind: "password" },
  };
}

/**
 * The login of whoever holds a secret.
 *
 * @returns undefined when it has expired or its account, or the namespace of its robot, is disabled
 */
export function loginByCredential(credential: CredentialRow, now: number): Login | undefined {
  if (credential.expires_at !== null && credential.expires_at <= now) return;
  if (credential.account_expires_at !== null && credential.account_expires_at <= now) return;
  const principal = principalOf(credential);
  if (principal === undefined) return;
  return {
    principal,
    until: Math.min(
      now + BELIEVED,
      credential.expires_at ?? Number.POSITIVE_INFINITY,
      credential.account_expires_at ?? Number.POSITIVE_INFINITY,
    ),
    source: `credential:${credential.id}`,
    fingerprint: fingerprintOf(credential.secret_hash),
  };
}

function principalOf(row: CredentialRow): Login["principal"] | undefined {
  if (row.kind === "repository") {
    if (row.repository_id === null || row.role === null) return;
    return { kind: "repository", repositoryId: row.repository_id, role: row.role };
  }
  if (row.account_id === null || row.name === null || row.enabled !== 1) return;
  const isRobot = row.account_kind === "robot";
  if (isRobot !== isForRobots(row.kind)) return;
  if (isRobot && row.namespace_enabled !== 1) return;
  const scopes = row.scopes === null ? undefined : scopesOf(row.scopes);
  const maySuperuse = !isRobot && (scopes === undefined || scopes.has("super:user"));
  return {
    kind: "account",
    accountId: row.account_id,
    name: row.name,
    isRobot,
    isSuperuser: row.superuser === 1 && maySuperuse,
    shown: { kind: row.kind, credentialId: row.id, title: row.title },
    ...(scopes === undefined ? {} : { scopes }),
    ...(row.repositories === null
      ? {}
      : { repositories: new Set(JSON.parse(row.repositories) as string[]) }), // written by us alone
  };
}

/** Is this kind of secret a password of robots? */
export function isForRobots(kind: CredentialRow["kind"]): boolean {
  return kind === "robot" || kind === "federation";
}

/** A scope that this version does not know gives nothing. */
function scopesOf(text: string): ReadonlySet<Scope> {
  const scopes = parseScopes(text);
  return "unknown" in scopes ? new Set() : scopes;
}

function fingerprintOf(stored: string): string {
  return createHash("sha256").update("fingerprint\0").update(stored).digest("base64url");
}
