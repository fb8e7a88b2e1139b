import { unknownRepository } from "../../accounts/admin/actor.ts";
import type { Administration } from "../../accounts/admin/administration.ts";
import type { AccountPrincipal, Principal } from "../../accounts/principal.ts";
import type { Repository } from "../repository.ts";
import { unlessGone } from "../unless-gone.ts";
import { deleteStar, insertStar } from "./star-store.ts";

/**
 * Stars a repository, once however often.
 *
 * @throws {RegistryError} `NAME_UNKNOWN` for one that the actor may not see, `DENIED`
 */
export async function starRepository(
  administration: Administration,
  actor: Principal,
  name: string,
): Promise<void> {
  const { database, now } = administration;
  const { account, repository } = await visible(administration, actor, name);
  await unlessGone(repository, () =>
    database.transaction((trx) => insertStar(trx, account.accountId, repository.id, now())),
  );
}

/** Takes a star away, if there is one. @throws {RegistryError} as {@link starRepository} */
export async function unstarRepository(
  administration: Administration,
  actor: Principal,
  name: string,
): Promise<void> {
  const { account, repository } = await visible(administration, actor, name);
  await administration.database.transaction((trx) =>
    deleteStar(trx, account.accountId, repository.id),
  );
}

async function visible(
  { rights, permissions, findRepository }: Administration,
  actor: Principal,
  name: string,
): Promise<{ readonly account: AccountPrincipal; readonly repository: Repository }> {
  await rights.require(actor, "self.admin");
  const repository = await findRepository(name);
  const isVisible =
    repository !== undefined &&
    actor.kind === "account" &&
    (await permissions.may(actor, "pull", repository));
  if (!isVisible) throw unknownRepository(name);
  return { account: actor, repository };
}
