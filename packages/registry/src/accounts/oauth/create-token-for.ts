import type { Operator } from "../admin/actor.ts";
import { needAccount } from "../admin/administration.ts";
import type { Administration } from "../admin/administration.ts";
import type { AccountPrincipal } from "../principal.ts";
import { needApplication } from "./applications.ts";
import type { ApplicationPlace } from "./applications.ts";
import { expectGrantable, parseGrant } from "./grant.ts";
import { checkedTitle, insertOauthToken } from "./oauth-tokens.ts";
import type { MadeOauthToken, NewOauthToken } from "./oauth-tokens.ts";

/**
 * Makes a token that acts as a user, without asking them: for the operator alone, who could set their password as well.
 *
 * @throws {RegistryError} `NOT_FOUND`, `PARAMETER_INVALID` naming the field, `DENIED` for what the user cannot give
 */
export async function createOauthTokenFor(
  administration: Administration,
  operator: Operator,
  place: ApplicationPlace,
  { user: name, ...wish }: NewOauthToken & { readonly user: string },
): Promise<MadeOauthToken> {
  const { row } = await needApplication(administration, operator, place);
  const user = await needAccount(administration, name, ["user"]);
  const person: AccountPrincipal = {
    kind: "account",
    accountId: user.id,
    name: user.name,
    isRobot: false,
    isSuperuser: user.superuser === 1,
  };
  const title = checkedTitle(wish.name);
  const grant = parseGrant(wish.scope, wish.repositories);
  expectGrantable(person, grant);
  const { life } = wish;
  return administration.database.transaction((trx) =>
    insertOauthToken(administration, trx, person, row, { title, grant, life }, operator),
  );
}
