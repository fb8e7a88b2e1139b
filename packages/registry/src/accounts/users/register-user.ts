// Long because it is one thing: how somebody becomes a user without a superuser.
import { recordAudit } from "../../audit/record-audit.ts";
import type { RegistryContext } from "../../context.ts";
import type { Exchange } from "../../http/exchange.ts";
import { RegistryError } from "../../http/registry-error.ts";
import { wantMail } from "../../mail/want-mail.ts";
import { checkNamespaceName } from "../account-name.ts";
import { emailKey, insertAccount } from "../account-store.ts";
import { accountTaken } from "../admin/administration.ts";
import { checkPassword } from "../admin/password-rule.ts";
import { originOf } from "../caller.ts";
import { addressGroup } from "../failure-throttle.ts";
import { tooManyFailures } from "../password-logins.ts";
import type { AccountPrincipal } from "../principal.ts";
import { acceptInvitation, findInvitation } from "../teams/team-invitations.ts";
import { beginSession } from "./begin-session.ts";
import { checkEmail } from "./email-rule.ts";
import { expectOwnPage } from "./own-page.ts";

export interface Registration {
  readonly username: string;
  readonly password: string;
  readonly email?: string | undefined;
  /** Of an invitation to a team. */
  readonly invite_code?: string | undefined;
}

/** What has become of a registration. */
export type Registered =
  | { readonly kind: "signed in"; readonly user: AccountPrincipal }
  | { readonly kind: "awaits verification" };

/**
 * Makes whoever asks a user, as far as the configuration lets them, and signs them in on this browser. A code that was
 * sent to their address shows that they read it, and takes them into the team it is for.
 *
 * @throws {RegistryError} `DENIED` where nobody may register, or only who was invited; `PARAMETER_INVALID` and
 *   `CONFLICT` naming the field; `ORIGIN_INVALID`; `TOOMANYREQUESTS`
 */
export async function registerUser(
  context: RegistryContext,
  registration: Registration,
  exchange: Exchange,
): Promise<Registered> {
  const { accounts, config } = context;
  expectOwnPage(exchange, config.server.url);
  if (config.accounts.registration === "off") throw noRegistration();
  takeTurn(context, exchange);
  const { username, password, invite_code: code } = registration;
  checkNamespaceName(username, "username");
  checkPassword(password);
  const invited = await invitedAddress(context, code);
  if (config.accounts.registration === "invited" && invited === undefined) throw notInvited();
  const email = registration.email ?? invited;
  if (email !== undefined) checkEmail(email);
  const mustVerify = config.accounts.verifyEmail && config.mail !== undefined;
  if (mustVerify && email === undefined) throw emailNeeded();
  const isProven =
    invited !== undefined && email !== undefined && emailKey(email) === emailKey(invited);
  if (config.accounts.registration === "invited" && !isProven) throw otherAddress();

  const verified = isProven || !mustVerify;
  const from = originOf(exchange);
  const id = await insertUser(context, { username, password, email, verified }, from);
  const user = {
    kind: "account",
    accountId: id,
    name: username,
    isRobot: false,
    isSuperuser: false,
    shown: { kind: "password" },
    from,
  } as const;
  if (code !== undefined && isProven) await acceptInvitation(accounts.administration, user, code);
  if (!verified) return { kind: "awaits verification" };
  const session = await beginSession(context, user, { service: null }, exchange);
  if (session === undefined) throw new RegistryError("UNAUTHORIZED", "the account is gone");
  return { kind: "signed in", user };
}

async function insertUser(
  { accounts, database, now }: RegistryContext,
  user: {
    readonly username: string;
    readonly password: string;
    readonly email: string | undefined;
    readonly verified: boolean;
  },
  from: ReturnType<typeof originOf>,
): Promise<number> {
  const { username: name, email, verified } = user;
  const passwordHash = await accounts.administration.passwordHashes.hash(user.password);
  return database.transaction(async (trx) => {
    const account = { kind: "user", name, email, passwordHash, verified } as const;
    const id = await insertAccount(trx, { ...account, createdAt: now() });
    if (id === undefined) throw await accountTaken(trx, name, email, "username");
    const metadata = { username: name, email: email ?? null };
    const deed = { kind: "user_create", namespace: { id, name }, metadata } as const;
    await recordAudit(trx, { kind: "anonymous", from }, deed, now());
    if (!verified) await wantMail(trx, { kind: "verification", accountId: id });
    return id;
  });
}

/** The address that an invitation went to; undefined: the code is of none that went to an address. */
async function invitedAddress(
  { accounts }: RegistryContext,
  code: string | undefined,
): Promise<string | undefined> {
  if (code === undefined) return undefined;
  const invitation = await findInvitation(accounts.administration, code, undefined);
  if (invitation?.email === undefined || invitation.email === null) throw notInvited();
  return invitation.email;
}

/** Each costs a slow hash, and a name that nobody else can have. */
function takeTurn({ accounts, now }: RegistryContext, { address }: Exchange): void {
  const key = `register:${addressGroup(address)}`;
  const wait = accounts.failures.wait(key, now());
  if (wait > 0) throw tooManyFailures(wait);
  accounts.failures.fail(key, now());
}

function noRegistration(): RegistryError {
  return new RegistryError(
    "DENIED",
    "nobody can register here: a superuser creates users, by POST /api/v1/superuser/users",
  );
}

function notInvited(): RegistryError {
  return new RegistryError(
    "DENIED",
    "an invite_code is needed, as a mail with an invitation has it",
    {
      detail: { field: "invite_code" },
    },
  );
}

function otherAddress(): RegistryError {
  return new RegistryError("DENIED", "the invitation went to another e-mail address", {
    detail: { field: "email" },
  });
}

function emailNeeded(): RegistryError {
  return new RegistryError("PARAMETER_INVALID", "email is needed: it will be confirmed", {
    detail: { field: "email" },
  });
}
