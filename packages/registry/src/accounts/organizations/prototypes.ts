// Long because it is one thing: the default permissions of an organization, and who may be named in them.
import { randomUUID } from "node:crypto";
import type { Transaction } from "kysely";
import type { AuditKind } from "@wharf/contract";
import { recordAudit } from "../../audit/record-audit.ts";
import type { Tables } from "../../database/tables.ts";
import { RegistryError } from "../../http/registry-error.ts";
import { namespaceOfRobot } from "../account-name.ts";
import { lockAccount } from "../account-store.ts";
import type { AccountRow } from "../account-store.ts";
import type { Actor } from "../admin/actor.ts";
import type { Administration } from "../admin/administration.ts";
import {
  countPrototypes,
  findEqualPrototypes,
  findPrototype,
  insertPrototype,
  listPrototypes as listRows,
  removePrototype,
  setPrototypeRole,
} from "../prototype-store.ts";
import type { PrototypeKey, PrototypeRow } from "../prototype-store.ts";
import type { Role } from "../role.ts";
import { findTeamByName } from "../team-store.ts";
import { needOrganization, unknownOrganization } from "./need-organization.ts";
import { findMembersAmong, lockOrganization } from "./organization-store.ts";

/** Most default permissions of an organization: all are looked at when a repository is created. */
const MOST_PROTOTYPES = 1000;

/** What new repositories of an organization begin with. */
export interface Prototype {
  /** UUID. */
  readonly id: string;
  readonly createdAt: number;
  readonly role: Role;
  /** Only for repositories that they create; undefined: for all. */
  readonly activating: PrototypeUser | undefined;
  readonly delegate: (PrototypeUser & { readonly kind: "user" }) | PrototypeTeam;
}

/** A user or robot. */
export interface PrototypeUser {
  readonly name: string;
  readonly isRobot: boolean;
  /** In a team of the organization, or its robot. */
  readonly isMember: boolean;
}

export interface PrototypeTeam {
  readonly kind: "team";
  readonly name: string;
}

export interface NewPrototype {
  readonly role: Role;
  /** A user, or a robot of the organization. */
  readonly activating?: string | undefined;
  /** As well; or a team of the organization. */
  readonly delegate: { readonly kind: "user" | "team"; readonly name: string };
}

/** The oldest first. @param page.after time and id of the last one of the page before */
export async function listPrototypes(
  administration: Administration,
  actor: Actor,
  name: string,
  page: { readonly after?: readonly [createdAt: number, id: string]; readonly limit: number },
): Promise<Prototype[]> {
  const organization = await needOrganization(administration, name);
  await administration.rights.require(actor, "organization.admin", { organization });
  const { read } = administration.database;
  const { after = [0, ""], limit } = page;
  return describe(
    administration,
    organization,
    await listRows(read, organization.id, { after, limit }),
  );
}

/**
 * Adds a default permission; one that is there already is answered with itself.
 *
 * @throws {RegistryError} `DENIED`; `NOT_FOUND`; `PARAMETER_INVALID` for whom it does not know, and for robots of other
 *   namespaces
 */
export async function createPrototype(
  administration: Administration,
  actor: Actor,
  name: string,
  wanted: NewPrototype,
): Promise<Prototype> {
  const organization = await needOrganization(administration, name);
  await administration.rights.require(actor, "organization.admin", { organization });
  const row = await change(administration, organization, async (trx) => {
    const key = await keyOf(trx, organization, wanted, administration.database.dialect);
    const equal = await findEqualPrototypes(trx, organization.id, key);
    const same = equal.find(({ role }) => role === wanted.role);
    if (same !== undefined) return same;
    if ((await countPrototypes(trx, organization.id)) >= MOST_PROTOTYPES) {
      throw new RegistryError(
        "CONFLICT",
        `${name} has ${MOST_PROTOTYPES} default permissions already; delete one first`,
        { status: 400, detail: { name } },
      );
    }
    const id = randomUUID();
    const values = { id, organization_id: organization.id, role: wanted.role, ...key };
    await insertPrototype(trx, { ...values, created_at: administration.now() });
    const made = await need(trx, organization, id);
    await tell(administration, trx, actor, organization, "create_prototype_permission", made);
    return made;
  });
  return describeOne(administration, organization, row);
}

/** Repositories that are there keep what they have. @throws {RegistryError} `DENIED`; `NOT_FOUND` */
export async function changePrototype(
  administration: Administration,
  actor: Actor,
  name: string,
  { id, role }: { readonly id: string; readonly role: Role },
): Promise<Prototype> {
  const organization = await needOrganization(administration, name);
  await administration.rights.require(actor, "organization.admin", { organization });
  const row = await change(administration, organization, async (trx) => {
    const before = await need(trx, organization, id);
    if (before.role === role) return before;
    await setPrototypeRole(trx, id, role);
    const after = { ...before, role };
    await tell(administration, trx, actor, organization, "modify_prototype_permission", after, {
      original_role: before.role,
    });
    return after;
  });
  return describeOne(administration, organization, row);
}

/** As {@link changePrototype}. */
export async function deletePrototype(
  administration: Administration,
  actor: Actor,
  name: string,
  id: string,
): Promise<void> {
  const organization = await needOrganization(administration, name);
  await administration.rights.require(actor, "organization.admin", { organization });
  await change(administration, organization, async (trx) => {
    const row = await need(trx, organization, id);
    await removePrototype(trx, id);
    await tell(administration, trx, actor, organization, "delete_prototype_permission", row);
  });
}

type Organization = Pick<AccountRow, "id" | "name">;

/** One after the other, so that nothing is there twice. */
async function change<T>(
  { database }: Administration,
  { id, name }: Organization,
  work: (trx: Transaction<Tables>) => Promise<T>,
): Promise<T> {
  return database.transaction(async (trx) => {
    const locked = await lockOrganization(trx, id, database.dialect);
    if (locked === undefined) throw unknownOrganization(name);
    return work(trx);
  });
}

async function need(
  trx: Transaction<Tables>,
  organization: Organization,
  id: string,
): Promise<PrototypeRow> {
  const row = /^[0-9a-f-]{36}$/.test(id)
    ? await findPrototype(trx, organization.id, id)
    : undefined;
  if (row !== undefined) return row;
  const shown = id.slice(0, 36);
  throw new RegistryError("NOT_FOUND", `${organization.name} has no default permission ${shown}`, {
    detail: { field: "prototypeid" },
  });
}

async function keyOf(
  trx: Transaction<Tables>,
  organization: Organization,
  { activating, delegate }: NewPrototype,
  dialect: "sqlite" | "postgres",
): Promise<PrototypeKey> {
  const activator =
    activating === undefined
      ? undefined
      : await needPerson(trx, organization, {
          name: activating,
          field: "activating_user.name",
          dialect,
        });
  const key = { activating_account_id: activator?.id ?? null };
  if (delegate.kind === "user") {
    const named = { name: delegate.name, field: "delegate.name", dialect };
    const { id } = await needPerson(trx, organization, named);
    return { ...key, delegate_account_id: id, delegate_team_id: null };
  }
  const isName = /^[a-z0-9._-]{1,255}$/.test(delegate.name);
  const team = isName ? await findTeamByName(trx, organization.id, delegate.name) : undefined;
  if (team === undefined) {
    throw unknown("delegate.name", `there is no team ${delegate.name} in ${organization.name}`);
  }
  return { ...key, delegate_account_id: null, delegate_team_id: team.id };
}

/** A name in a field of the body. */
interface Named {
  readonly name: string;
  readonly field: string;
  readonly dialect: "sqlite" | "postgres";
}

async function needPerson(
  trx: Transaction<Tables>,
  organization: Organization,
  { name, field, dialect }: Named,
): Promise<AccountRow> {
  // No name has other characters, and PostgreSQL takes no NUL.
  const isName = /^[a-z0-9._+-]{1,511}$/.test(name);
  const account = isName ? await lockAccount(trx, name, dialect) : undefined;
  if (account === undefined || account.kind === "organization") {
    throw unknown(field, `there is no user or robot ${name}`);
  }
  if (account.kind === "robot" && namespaceOfRobot(name) !== organization.name) {
    throw unknown(field, `the robot ${name} is not one of ${organization.name}`);
  }
  return account;
}

function unknown(field: string, message: string): RegistryError {
  return new RegistryError("PARAMETER_INVALID", `${field}: ${message}`, { detail: { field } });
}

async function tell(
  { now }: Administration,
  trx: Transaction<Tables>,
  actor: Actor,
  organization: Organization,
  kind: AuditKind,
  row: PrototypeRow,
  more: Readonly<Record<string, unknown>> = {},
): Promise<void> {
  const metadata = {
    prototypeid: row.id,
    activating_username: row.activating_name,
    role: row.role,
    ...(row.delegate_name === null ? {} : { delegate_user: row.delegate_name }),
    ...(row.delegate_team === null ? {} : { delegate_team: row.delegate_team }),
    ...more,
  };
  await recordAudit(trx, actor, { kind, namespace: organization, metadata }, now());
}

async function describeOne(
  administration: Administration,
  organization: Organization,
  row: PrototypeRow,
): Promise<Prototype> {
  const [prototype] = await describe(administration, organization, [row]);
  if (prototype === undefined) throw new Error("one row is described by one default permission");
  return prototype;
}

async function describe(
  { database }: Administration,
  organization: Organization,
  rows: readonly PrototypeRow[],
): Promise<Prototype[]> {
  const ids = rows
    .flatMap((row) => [row.activating_account_id, row.delegate_account_id])
    .filter((id) => id !== null);
  const members = await findMembersAmong(database.read, organization.id, [...new Set(ids)]);
  const userOf = (id: number | null, name: string | null): PrototypeUser | undefined => {
    if (id === null || name === null) return undefined;
    const isRobot = namespaceOfRobot(name) !== undefined;
    return { name, isRobot, isMember: isRobot || members.has(id) };
  };
  return rows.map((row) => {
    const user = userOf(row.delegate_account_id, row.delegate_name);
    return {
      id: row.id,
      createdAt: row.created_at,
      role: row.role,
      activating: userOf(row.activating_account_id, row.activating_name),
      delegate:
        user === undefined
          ? { kind: "team", name: row.delegate_team ?? "" }
          : { kind: "user", ...user },
    };
  });
}
