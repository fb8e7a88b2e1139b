import type { Kysely, Selectable, Transaction } from "kysely";
import type { Tables } from "../../database/tables.ts";

/** Reads work in and out of transactions. */
type Reader = Kysely<Tables>;
type Writer = Transaction<Tables>;

export type ApplicationRow = Selectable<Tables["oauth_applications"]> & {
  /** Name of the organization. */
  readonly organization: string;
};

/** Index: the unique client_id. */
export async function findApplication(
  db: Reader,
  clientId: string,
): Promise<ApplicationRow | undefined> {
  return applications(db).where("p.client_id", "=", clientId).executeTakeFirst();
}

/** One page, oldest first. Index: oauth_applications_by_organization_id_and_id. */
export async function listApplicationsOf(
  db: Reader,
  organizationId: number,
  page: { readonly after: number; readonly limit: number },
): Promise<ApplicationRow[]> {
  return applications(db)
    .where("p.organization_id", "=", organizationId)
    .where("p.id", ">", page.after)
    .orderBy("p.id")
    .limit(page.limit)
    .execute();
}

function applications(db: Reader) {
  return db
    .selectFrom("oauth_applications as p")
    .innerJoin("accounts as o", "o.id", "p.organization_id")
    .selectAll("p")
    .select("o.name as organization");
}

export async function insertApplication(
  trx: Writer,
  values: Omit<ApplicationRow, "id" | "organization">,
): Promise<void> {
  await trx.insertInto("oauth_applications").values(values).execute();
}

export async function updateApplication(
  trx: Writer,
  id: number,
  changes: Partial<
    Pick<
      ApplicationRow,
      | "name"
      | "description"
      | "application_uri"
      | "redirect_uri"
      | "avatar_email"
      | "secret_hash"
      | "sealed"
    >
  >,
): Promise<void> {
  if (Object.keys(changes).length === 0) return;
  await trx.updateTable("oauth_applications").set(changes).where("id", "=", id).execute();
}

/** Its tokens, codes and assignments go with it. */
export async function removeApplication(trx: Writer, id: number): Promise<void> {
  await trx.deleteFrom("oauth_applications").where("id", "=", id).execute();
}
