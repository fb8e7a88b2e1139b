// Long because it is one thing: what each mail says, and to whom.
import { findAccountByEmail } from "../accounts/account-store.ts";
import { hashSecret, randomText } from "../accounts/secret.ts";
import { findUser } from "../accounts/users/user-store.ts";
import type { RegistryContext } from "../context.ts";
import { draftWithCode, plainDraft } from "./draft.ts";
import type { Draft } from "./draft.ts";
import { findInvitation, renewInvitation } from "./letter-store.ts";
import type { Letter } from "./send-letter.ts";
import type { MailWish } from "./wishes.ts";

type WishOf<Kind extends MailWish["kind"]> = Extract<MailWish, { readonly kind: Kind }>;

const NOTHING = plainDraft(undefined);

/** Writes the mail that was wished for, as things are now. */
export async function writeLetter(context: RegistryContext, wish: MailWish): Promise<Draft> {
  switch (wish.kind) {
    case "recovery":
      return recovery(context, wish);
    case "verification":
      return verification(context, wish);
    case "new-address":
      return newAddress(context, wish);
    case "address-changed":
      return addressChanged(context, wish);
    case "password-changed":
      return passwordChanged(context, wish);
    case "team-invitation":
      return teamInvitation(context, wish);
    case "logs-exported":
      return logsExported(context, wish);
  }
}

async function recovery(context: RegistryContext, { email }: WishOf<"recovery">): Promise<Draft> {
  const { read } = context.database;
  const account = await findAccountByEmail(read, email);
  const user = account && (await findUser(read, account.id));
  if (user === undefined || user.email === null) return NOTHING;
  // Whoever signs in elsewhere has no password that could be lost here.
  if (user.enabled !== 1 || user.has_password !== 1) return NOTHING;
  const { id: accountId, name, email: to } = user;
  return draftWithCode(context, { kind: "recover", accountId, email: null }, (code) => ({
    to,
    subject: `A new password for ${name}`,
    paragraphs: [
      `Somebody, most likely you, wants a new password for the user ${name} of ${placeOf(context)}. Choose it here within an hour:`,
      `The code by itself: ${code}`,
      "If it was not you, nothing needs to be done: your password stays as it is.",
    ],
    link: linkTo(context, "/recovery", code, "Choose a new password"),
  }));
}

async function verification(
  context: RegistryContext,
  { accountId }: WishOf<"verification">,
): Promise<Draft> {
  const user = await findUser(context.database.read, accountId);
  if (user === undefined || user.email === null || user.verified === 1) return NOTHING;
  const { name, email: to } = user;
  return draftWithCode(context, { kind: "verify", accountId, email: null }, (code) => ({
    to,
    subject: "Confirm your e-mail address",
    paragraphs: [
      `Welcome, ${name}. Confirm within a day that this is your address, and you can sign in to ${placeOf(context)}:`,
      `The code by itself: ${code}`,
      "If you did not register there, somebody has mistaken your address for theirs; nothing needs to be done.",
    ],
    link: linkTo(context, "/confirm", code, "Confirm the address"),
  }));
}

async function newAddress(
  context: RegistryContext,
  { accountId, email }: WishOf<"new-address">,
): Promise<Draft> {
  const user = await findUser(context.database.read, accountId);
  if (user === undefined || user.enabled !== 1) return NOTHING;
  return draftWithCode(context, { kind: "change-email", accountId, email }, (code) => ({
    to: email,
    subject: "Confirm your new e-mail address",
    paragraphs: [
      `The user ${user.name} of ${placeOf(context)} wants to have this address. Confirm it within a day:`,
      `The code by itself: ${code}`,
      "If that is not you, nothing needs to be done.",
    ],
    link: linkTo(context, "/confirm", code, "Confirm the address"),
  }));
}

async function addressChanged(
  context: RegistryContext,
  { accountId, to }: WishOf<"address-changed">,
): Promise<Draft> {
  const user = await findUser(context.database.read, accountId);
  if (user === undefined) return NOTHING;
  return plainDraft({
    to,
    subject: `The e-mail address of ${user.name} was changed`,
    paragraphs: [
      `The user ${user.name} of ${placeOf(context)} has another e-mail address now; mails no longer go to this one.`,
      "If it was not you, tell the administrators of the registry at once.",
    ],
  });
}

async function passwordChanged(
  context: RegistryContext,
  { accountId }: WishOf<"password-changed">,
): Promise<Draft> {
  const user = await findUser(context.database.read, accountId);
  if (user === undefined || user.email === null) return NOTHING;
  return plainDraft({
    to: user.email,
    subject: `The password of ${user.name} was changed`,
    paragraphs: [
      `The user ${user.name} of ${placeOf(context)} has a new password, and all other sessions have ended.`,
      "If it was not you, choose another one by mail, and look through your application tokens.",
    ],
  });
}

async function teamInvitation(
  context: RegistryContext,
  { invitationId }: WishOf<"team-invitation">,
): Promise<Draft> {
  const { database, now } = context;
  const invitation = await findInvitation(database.read, invitationId, now());
  const to = invitation?.email ?? invitation?.account_email;
  if (invitation === undefined || to === undefined || to === null) return NOTHING;
  const { team, organization, invited_by: inviter } = invitation;
  const ask = `${inviter ?? "Somebody"} invites you to the team ${team} of the organization ${organization} on ${placeOf(context)}.`;
  const subject = `You are invited to the team ${team} of ${organization}`;
  if (invitation.email === null) {
    // Who is invited by name finds the code behind their bell.
    return plainDraft({ to, subject, paragraphs: [ask, "It waits behind your bell."] });
  }
  const code = randomText(40);
  await database.transaction((trx) => renewInvitation(trx, invitationId, hashSecret(code)));
  const api = `${context.config.server.url ?? ""}/api/v1`;
  return plainDraft({
    to,
    subject,
    paragraphs: [
      ask,
      `The code of the invitation: ${code}`,
      `With an account, accept it by PUT ${api}/teaminvite/${code}; without one, register with it as the \`invite_code\` of POST ${api}/user.`,
    ],
  });
}

function logsExported(
  context: RegistryContext,
  { email, url, namespace, repository }: WishOf<"logs-exported">,
): Draft {
  const of =
    namespace === null
      ? placeOf(context)
      : `${namespace}${repository === null ? "" : `/${repository}`} on ${placeOf(context)}`;
  return plainDraft({
    to: email,
    subject: "An export of an audit log is ready",
    paragraphs: [
      `The audit log of ${of} was exported, and you were named as who is to be told. Whoever has the link can read it for a day:`,
    ],
    link: { label: "Download the export", url },
  });
}

function placeOf({ config }: RegistryContext): string {
  return config.server.url ?? "the registry";
}

/** The configuration asks for a URL where there is mail: what a request says of it is not to be trusted. */
function linkTo(
  { config }: RegistryContext,
  path: string,
  code: string,
  label: string,
): Letter["link"] {
  const { url } = config.server;
  return url === undefined ? undefined : { label, url: `${url}${path}?code=${code}` };
}
