import type { Kysely, Selectable, Transaction } from "kysely";
import type { Tables } from "../../database/tables.ts";

/** Reads work in and out of transactions. */
type Reader = Kysely<Tables>;
type Writer = Transaction<Tables>;

/** A token of an application, with the application. */
export type OauthTokenRow = Pick<
  Selectable<Tables["credentials"]>,
  | "id"
  | "uuid"
  | "title"
  | "scopes"
  | "repositories"
  | "created_at"
  | "created_by"
  | "expires_at"
  | "last_used_at"
  | "last_used_from"
> & {
  readonly application_id: number;
  readonly application_name: string;
  readonly client_id: string;
  readonly description: string;
  readonly application_uri: string;
  readonly organization_id: number;
  readonly organization: string;
};

/** Ids below this one come next. */
export interface TokenPage {
  readonly before: number | undefined;
  readonly limit: number;
}

/** One page, newest first. Index: credentials_by_application_id_and_id. */
export async function listTokensOfApplication(
  db: Reader,
  applicationId: number,
  page: TokenPage,
): Promise<OauthTokenRow[]> {
  return onePage(tokens(db).where("c.application_id", "=", applicationId), page);
}

/** One page of the tokens that act as somebody, newest first. Index: credentials_by_account_id_and_kind_and_id. */
export async function listTokensOfAccount(
  db: Reader,
  accountId: number,
  page: TokenPage,
): Promise<OauthTokenRow[]> {
  return onePage(
    tokens(db).where("c.account_id", "=", accountId).where("c.kind", "=", "oauth"),
    page,
  );
}

/** Index: credentials_by_uuid. */
export async function findTokenOfAccount(
  db: Reader,
  accountId: number,
  uuid: string,
): Promise<OauthTokenRow | undefined> {
  return tokens(db)
    .where("c.uuid", "=", uuid)
    .where("c.account_id", "=", accountId)
    .where("c.kind", "=", "oauth")
    .executeTakeFirst();
}

/** Index: credentials_by_uuid. */
export async function findTokenOfApplication(
  db: Reader,
  applicationId: number,
  uuid: string,
): Promise<OauthTokenRow | undefined> {
  return tokens(db)
    .where("c.uuid", "=", uuid)
    .where("c.application_id", "=", applicationId)
    .executeTakeFirst();
}

/** @returns false when somebody else has deleted it */
export async function removeToken(trx: Writer, id: number): Promise<boolean> {
  const { numDeletedRows } = await trx
    .deleteFrom("credentials")
    .where("id", "=", id)
    .executeTakeFirst();
  return numDeletedRows > 0n;
}

function tokens(db: Reader) {
  return db
    .selectFrom("credentials as c")
    .innerJoin("oauth_applications as p", "p.id", "c.application_id")
    .innerJoin("accounts as o", "o.id", "p.organization_id")
    .select([
      "c.id",
      "c.uuid",
      "c.title",
      "c.scopes",
      "c.repositories",
      "c.created_at",
      "c.created_by",
      "c.expires_at",
      "c.last_used_at",
      "c.last_used_from",
      "p.id as application_id",
      "p.name as application_name",
      "p.client_id",
      "p.description",
      "p.application_uri",
      "p.organization_id",
      "o.name as organization",
    ]);
}

async function onePage(
  query: ReturnType<typeof tokens>,
  { before, limit }: TokenPage,
): Promise<OauthTokenRow[]> {
  return query
    .$if(before !== undefined, (rows) => rows.where("c.id", "<", before ?? 0))
    .orderBy("c.id", "desc")
    .limit(limit)
    .execute();
}
