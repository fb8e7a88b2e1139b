import type { Transaction } from "kysely";
import { recordAudit } from "../../audit/record-audit.ts";
import type { Tables } from "../../database/tables.ts";
import { RegistryError } from "../../http/registry-error.ts";
import { wantMail } from "../../mail/want-mail.ts";
import { findAccountByEmail, lockAccountById, updateAccount } from "../account-store.ts";
import { emailTaken } from "../admin/administration.ts";
import type { Administration } from "../admin/administration.ts";
import { checkPassword } from "../admin/password-rule.ts";
import type { AccountPrincipal } from "../principal.ts";
import { checkTagExpiration } from "../tag-expiration.ts";
import { changeEmail, orEmailTaken } from "./change-email.ts";
import { changePassword } from "./change-password.ts";
import { checkEmail } from "./email-rule.ts";
import { changedProfile } from "./profile.ts";
import type { Profile } from "./profile.ts";
import { findUser } from "./user-store.ts";
import type { UserRow } from "./user-store.ts";

/** What is missing stays as it is. */
export interface OwnChange extends Partial<Record<keyof Profile, string | null | undefined>> {
  readonly password?: string | undefined;
  readonly email?: string | undefined;
  readonly username?: string | undefined;
  /** Seconds. */
  readonly tag_expiration_s?: number | undefined;
}

/**
 * Changes the user's own account, all of it or nothing. Where mail is sent, another address counts once it has
 * confirmed itself: passwords can be recovered by it.
 *
 * @param session of the browser that asks: a new password ends all others
 * @throws {RegistryError} `PARAMETER_INVALID` and `CONFLICT` naming the field
 */
export async function changeOwnAccount(
  administration: Administration,
  actor: AccountPrincipal,
  change: OwnChange,
  session: string | undefined,
): Promise<void> {
  const { database, rights, config, passwordHashes, now } = administration;
  await rights.require(actor, "self.admin");
  const { password, email, username, tag_expiration_s: seconds } = change;
  if (username !== undefined && username !== actor.name) throw noRenaming();
  if (password !== undefined) checkPassword(password);
  if (email !== undefined) checkEmail(email);
  const tagExpiration =
    seconds === undefined ? undefined : checkTagExpiration(config.collection, seconds);
  const hash = password === undefined ? undefined : await passwordHashes.hash(password);
  const changing = database.transaction(async (trx) => {
    await lockAccountById(trx, actor.accountId, database.dialect);
    const user = await findUser(trx, actor.accountId);
    if (user === undefined) throw new RegistryError("UNAUTHORIZED", "the account is gone");
    if (hash !== undefined) {
      if (user.has_password !== 1) throw passwordElsewhere();
      await changePassword(trx, actor, user, { hash, keep: session }, now());
    }
    if (email !== undefined && email !== user.email) {
      await askOrChange(administration, trx, actor, user, email);
    }
    if (tagExpiration !== undefined) {
      await updateAccount(trx, user.id, { tag_expiration: tagExpiration });
      const metadata = { tag_expiration: seconds, namespace: user.name };
      const kind = "change_tag_expiration_policy";
      await recordAudit(trx, actor, { kind, namespace: user, metadata }, now());
    }
    await changeProfile(trx, actor, user, change, now());
  });
  await orEmailTaken(changing, email);
}

async function askOrChange(
  { config, now }: Administration,
  trx: Transaction<Tables>,
  actor: AccountPrincipal,
  user: UserRow,
  email: string,
): Promise<void> {
  const other = await findAccountByEmail(trx, email);
  if (other !== undefined && other.id !== user.id) throw emailTaken(email);
  if (config.mail === undefined) await changeEmail(trx, actor, user, email, now());
  else await wantMail(trx, { kind: "new-address", accountId: user.id, email });
}

async function changeProfile(
  trx: Transaction<Tables>,
  actor: AccountPrincipal,
  user: UserRow,
  { given_name, family_name, company, location }: OwnChange,
  now: number,
): Promise<void> {
  const given = { given_name, family_name, company, location };
  if (Object.values(given).every((value) => value === undefined)) return;
  const profile = changedProfile(user.profile, given);
  if (profile === user.profile) return;
  await updateAccount(trx, user.id, { profile });
  const metadata = Object.fromEntries(
    Object.entries(given).filter(([, value]) => value !== undefined),
  );
  await recordAudit(trx, actor, { kind: "user_update", namespace: user, metadata }, now);
}

function noRenaming(): RegistryError {
  return new RegistryError(
    "PARAMETER_INVALID",
    "accounts are not renamed: their name stands in the names of their repositories",
    { detail: { field: "username" } },
  );
}

function passwordElsewhere(): RegistryError {
  return new RegistryError(
    "PARAMETER_INVALID",
    "this account has no password here: it signs in by another service",
    { detail: { field: "password" } },
  );
}
