import { z } from "zod";

const accountId = z.int();

/**
 * The mails there are, by what they are about. No wish has a secret but the link of an export: a code is made when the
 * mail is sent, and its hash is all that is stored of it.
 */
export const mailWish = z.discriminatedUnion("kind", [
  /** A new password for whoever has this address; nobody may have it. */
  z.object({ kind: z.literal("recovery"), email: z.string() }),
  /** Confirmation of the address of a new user. */
  z.object({ kind: z.literal("verification"), accountId }),
  /** Confirmation of an address that a user wants to have. */
  z.object({ kind: z.literal("new-address"), accountId, email: z.string() }),
  /** The user's address is another one now; goes to the one before. */
  z.object({ kind: z.literal("address-changed"), accountId, to: z.string() }),
  z.object({ kind: z.literal("password-changed"), accountId }),
  /** To a team; of a row of `team_invitations` with an address, or with a user who has one. */
  z.object({ kind: z.literal("team-invitation"), invitationId: z.int() }),
  /** An export of the audit log is there; its link is good for a day. Null: of more than one. */
  z.object({
    kind: z.literal("logs-exported"),
    email: z.string(),
    url: z.string(),
    namespace: z.string().nullable(),
    repository: z.string().nullable(),
  }),
]);

export type MailWish = z.output<typeof mailWish>;
