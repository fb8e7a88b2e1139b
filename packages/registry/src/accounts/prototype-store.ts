import type { Kysely, Transaction } from "kysely";
import type { Tables } from "../database/tables.ts";
import type { Role } from "./role.ts";

/** Reads work in and out of transactions. */
type Reader = Kysely<Tables>;
type Writer = Transaction<Tables>;

/** A role that a new repository begins with. */
export interface DefaultRole {
  /** A user or robot, or null where it is a team. */
  readonly delegate_account_id: number | null;
  readonly delegate_team_id: number | null;
  readonly role: Role;
}

/**
 * The default permissions that a repository created by this account begins with. Index:
 * prototypes_by_organization_id_and_created_at_and_id.
 */
export async function findDefaultRoles(
  db: Reader,
  organizationId: number,
  creatorId: number | undefined,
): Promise<DefaultRole[]> {
  return db
    .selectFrom("prototypes")
    .select(["delegate_account_id", "delegate_team_id", "role"])
    .where("organization_id", "=", organizationId)
    .where((eb) =>
      eb.or([
        eb("activating_account_id", "is", null),
        ...(creatorId === undefined ? [] : [eb("activating_account_id", "=", creatorId)]),
      ]),
    )
    .execute();
}

/** A default permission with the names of those it is about. */
export interface PrototypeRow extends DefaultRole {
  readonly id: string;
  readonly created_at: number;
  readonly activating_account_id: number | null;
  readonly activating_name: string | null;
  /** Of the user or robot. */
  readonly delegate_name: string | null;
  readonly delegate_team: string | null;
}

/** The oldest first. Index: prototypes_by_organization_id_and_created_at_and_id. */
export async function listPrototypes(
  db: Reader,
  organizationId: number,
  page: { readonly after: readonly [createdAt: number, id: string]; readonly limit: number },
): Promise<PrototypeRow[]> {
  const [createdAt, id] = page.after;
  return prototypes(db)
    .where("p.organization_id", "=", organizationId)
    .where((eb) => eb(eb.refTuple("p.created_at", "p.id"), ">", eb.tuple(createdAt, id)))
    .orderBy("p.created_at")
    .orderBy("p.id")
    .limit(page.limit)
    .execute();
}

export async function findPrototype(
  db: Reader,
  organizationId: number,
  id: string,
): Promise<PrototypeRow | undefined> {
  return prototypes(db)
    .where("p.id", "=", id)
    .where("p.organization_id", "=", organizationId)
    .executeTakeFirst();
}

/** Who gets a role by default: a user or robot, or a team; and whose repositories it is for. */
export interface PrototypeKey {
  readonly activating_account_id: number | null;
  readonly delegate_account_id: number | null;
  readonly delegate_team_id: number | null;
}

/** Those that are there already for the same. Index: prototypes_by_organization_id_and_created_at_and_id. */
export async function findEqualPrototypes(
  db: Reader,
  organizationId: number,
  key: PrototypeKey,
): Promise<PrototypeRow[]> {
  return prototypes(db)
    .where("p.organization_id", "=", organizationId)
    .where("p.activating_account_id", "is not distinct from", key.activating_account_id)
    .where("p.delegate_account_id", "is not distinct from", key.delegate_account_id)
    .where("p.delegate_team_id", "is not distinct from", key.delegate_team_id)
    .execute();
}

function prototypes(db: Reader) {
  return db
    .selectFrom("prototypes as p")
    .leftJoin("accounts as a", "a.id", "p.activating_account_id")
    .leftJoin("accounts as d", "d.id", "p.delegate_account_id")
    .leftJoin("teams as t", "t.id", "p.delegate_team_id")
    .select([
      "p.id",
      "p.created_at",
      "p.role",
      "p.activating_account_id",
      "p.delegate_account_id",
      "p.delegate_team_id",
      "a.name as activating_name",
      "d.name as delegate_name",
      "t.name as delegate_team",
    ]);
}

/** Index: prototypes_by_organization_id_and_created_at_and_id. */
export async function countPrototypes(db: Reader, organizationId: number): Promise<number> {
  const { count } = await db
    .selectFrom("prototypes")
    .select((eb) => eb.fn.countAll<number>().as("count"))
    .where("organization_id", "=", organizationId)
    .executeTakeFirstOrThrow();
  return count;
}

export async function insertPrototype(
  trx: Writer,
  values: PrototypeKey & {
    readonly id: string;
    readonly organization_id: number;
    readonly role: Role;
    readonly created_at: number;
  },
): Promise<void> {
  await trx.insertInto("prototypes").values(values).execute();
}

export async function setPrototypeRole(trx: Writer, id: string, role: Role): Promise<void> {
  await trx.updateTable("prototypes").set({ role }).where("id", "=", id).execute();
}

export async function removePrototype(trx: Writer, id: string): Promise<void> {
  await trx.deleteFrom("prototypes").where("id", "=", id).execute();
}
