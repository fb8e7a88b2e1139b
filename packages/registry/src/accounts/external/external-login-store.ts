import type { Kysely, Transaction } from "kysely";
import type { Tables } from "../../database/tables.ts";

/** Reads work in and out of transactions. */
type Reader = Kysely<Tables>;
type Writer = Transaction<Tables>;

/** How a service knows a user. */
export interface ExternalLoginRow {
  readonly service: string;
  readonly subject: string;
  readonly account_id: number;
  readonly name: string | null;
  readonly email: string | null;
  readonly missing_since: number | null;
}

const LOGIN = ["service", "subject", "account_id", "name", "email", "missing_since"] as const;

/** Index: external_logins_pk. */
export async function findExternalLogin(
  db: Reader,
  service: string,
  subject: string,
): Promise<ExternalLoginRow | undefined> {
  return db
    .selectFrom("external_logins")
    .select(LOGIN)
    .where("service", "=", service)
    .where("subject", "=", subject)
    .executeTakeFirst();
}

/** The logins of a user. Index: external_logins_by_account_id. */
export async function findExternalLoginsOf(
  db: Reader,
  accountId: number,
): Promise<ExternalLoginRow[]> {
  return db
    .selectFrom("external_logins")
    .select(LOGIN)
    .where("account_id", "=", accountId)
    .orderBy("service")
    .execute();
}

/** A login with the state of its account. */
export interface ServiceUserRow extends ExternalLoginRow {
  readonly enabled: number;
}

/** One page of the users of a service, by subject. Indexes: external_logins_pk, accounts' primary key. */
export async function listUsersOfService(
  db: Reader,
  service: string,
  page: { readonly after: string; readonly limit: number },
): Promise<ServiceUserRow[]> {
  return db
    .selectFrom("external_logins as e")
    .innerJoin("accounts as a", "a.id", "e.account_id")
    .select([
      "e.service",
      "e.subject",
      "e.account_id",
      "e.name",
      "e.email",
      "e.missing_since",
      "a.enabled",
    ])
    .where("e.service", "=", service)
    .where("e.subject", ">", page.after)
    .orderBy("e.subject")
    .limit(page.limit)
    .execute();
}

/** @returns false when the subject belongs to an account already */
export async function insertExternalLogin(
  trx: Writer,
  login: {
    readonly service: string;
    readonly subject: string;
    readonly accountId: number;
    readonly name: string;
    readonly email: string | undefined;
    readonly createdAt: number;
  },
): Promise<boolean> {
  const row = await trx
    .insertInto("external_logins")
    .values({
      service: login.service,
      subject: login.subject,
      account_id: login.accountId,
      name: login.name,
      email: login.email ?? null,
      created_at: login.createdAt,
    })
    .onConflict((conflict) => conflict.columns(["service", "subject"]).doNothing())
    .returning("account_id")
    .executeTakeFirst();
  return row !== undefined;
}

/** Index: external_logins_pk. */
export async function updateExternalLogin(
  trx: Writer,
  { service, subject }: Pick<ExternalLoginRow, "service" | "subject">,
  values: Partial<Pick<ExternalLoginRow, "name" | "email" | "missing_since">>,
): Promise<void> {
  await trx
    .updateTable("external_logins")
    .set(values)
    .where("service", "=", service)
    .where("subject", "=", subject)
    .execute();
}

/** Index: external_logins_by_account_id. */
export async function deleteExternalLogin(
  trx: Writer,
  accountId: number,
  service: string,
): Promise<void> {
  await trx
    .deleteFrom("external_logins")
    .where("account_id", "=", accountId)
    .where("service", "=", service)
    .execute();
}
