import { z } from "zod";
import { endpoint } from "../endpoint.ts";
import { avatar, seconds, text } from "../values.ts";

const PATH = "/api/v1/user";

const newPassword = text(1024).describe("at least 8 characters");
const shownPassword = text(1024).describe("the password as it is now");
const email = text(254).describe("such as alice@example.com");
const profileField = text(255).nullable().optional();

/** A service that vouches for a user beside the password. */
const externalLogin = z.object({
  service: z.string(),
  service_identifier: z.string().describe("how the service names the user"),
  metadata: z.record(z.string(), z.unknown()),
});

const ownOrganization = z.object({
  name: z.string(),
  avatar,
  can_create_repo: z.boolean(),
  public: z.boolean(),
  is_org_admin: z.boolean(),
  preferred_namespace: z.boolean(),
});

/** A user as they see themselves. */
const ownAccount = z.object({
  anonymous: z.literal(false),
  username: z.string(),
  avatar,
  can_create_repo: z.boolean(),
  is_me: z.literal(true),
  verified: z.boolean().describe("false: the e-mail address waits for its confirmation"),
  email: z.string().nullable(),
  logins: z.array(externalLogin),
  invoice_email: z.literal(false),
  invoice_email_address: z.null(),
  preferred_namespace: z.boolean(),
  tag_expiration_s: seconds.describe("how long a deleted or moved tag can be taken back"),
  prompts: z.array(z.string()),
  company: z.string().nullable(),
  family_name: z.string().nullable(),
  given_name: z.string().nullable(),
  location: z.string().nullable(),
  is_free_account: z.literal(true),
  has_password_set: z.boolean(),
  organizations: z.array(ownOrganization),
  super_user: z.boolean(),
});

export const getLoggedInUser = endpoint({
  id: "getLoggedInUser",
  method: "GET",
  path: PATH,
  section: "user",
  summary: "Tell who is signed in.",
  right: "self.read",
  status: 200,
  answer: ownAccount,
  quay: "same",
});

export const changeUserDetails = endpoint({
  id: "changeUserDetails",
  method: "PUT",
  path: PATH,
  section: "user",
  summary: "Change your password, e-mail address, tag expiration or profile.",
  right: "self.admin",
  fresh: true,
  body: z.object({
    password: newPassword.optional().describe("ends all other sessions"),
    email: email
      .optional()
      .describe("where the registry sends mail, it counts when the new address has confirmed it"),
    username: text(255).optional().describe("accounts are not renamed: the name as it is, or none"),
    tag_expiration_s: seconds.optional().describe("one of `collection.tagExpirationChoices`"),
    given_name: profileField,
    family_name: profileField,
    company: profileField,
    location: profileField,
  }),
  status: 200,
  answer: ownAccount,
  quay: "same",
});

export const createNewUser = endpoint({
  id: "createNewUser",
  method: "POST",
  path: PATH,
  section: "user",
  summary: "Register a new user, where `accounts.registration` allows it, and sign them in.",
  right: "anybody",
  body: z.object({
    username: text(255),
    password: newPassword,
    email: email.optional().describe("needed where addresses are confirmed"),
    invite_code: text(255).optional().describe("of an invitation to a team"),
  }),
  status: 200,
  answer: z.union([
    ownAccount,
    z.object({
      awaiting_verification: z
        .literal(true)
        .describe("the address must be confirmed before the user can sign in"),
    }),
  ]),
  quay: "same",
});

export const deleteCurrentUser = endpoint({
  id: "deleteCurrentUser",
  method: "DELETE",
  path: PATH,
  section: "user",
  summary: "Delete your account with its robots and secrets. Refused while it has repositories.",
  right: "self.admin",
  fresh: true,
  status: 204,
  quay: "extended: refused while there are repositories, and for the last admin of an organization",
});

export const initializeUser = endpoint({
  id: "initializeUser",
  method: "POST",
  path: `${PATH}/initialize`,
  section: "user",
  summary: "Create the first user, a superuser, where `accounts.initialize` is on.",
  right: "anybody",
  body: z.object({
    username: text(255),
    password: newPassword,
    email: email.optional(),
    access_token: z.boolean().optional().describe("true: answer with an OAuth token as well"),
  }),
  status: 200,
  answer: z.object({
    username: z.string(),
    email: z.string().nullable(),
    encrypted_password: z
      .string()
      .describe("works wherever the password does; Wharf has no encrypted ones"),
    access_token: z.string().optional().describe("with all scopes, shown once"),
  }),
  quay: "same",
});

export const getUserInformation = endpoint({
  id: "getUserInformation",
  method: "GET",
  path: "/api/v1/users/{username}",
  section: "user",
  summary: "Tell what everybody may know of a user.",
  right: "account",
  status: 200,
  answer: z.object({ anonymous: z.literal(false), username: z.string(), avatar }),
  quay: "extended: needs a login, so that strangers cannot try out names",
});

export const generateUserClientKey = endpoint({
  id: "generateUserClientKey",
  method: "POST",
  path: `${PATH}/clientkey`,
  section: "user",
  summary: "Make a secret that stands for your password in `docker login`.",
  right: "self.admin",
  body: z.object({ password: shownPassword }),
  status: 200,
  answer: z.object({
    key: z.string().describe("the password of `docker login` under your own name; shown once"),
    uuid: z.string().describe("of the application token that it is"),
  }),
  quay: "extended: an application token, so that it can be revoked by itself",
});

export const convertUserToOrganization = endpoint({
  id: "convertUserToOrganization",
  method: "POST",
  path: `${PATH}/convert`,
  section: "user",
  summary: "Make your account an organization that another user administrates.",
  right: "self.admin",
  fresh: true,
  body: z.object({
    adminUser: text(255).describe("who will administrate it"),
    adminPassword: text(1024).describe("theirs"),
  }),
  status: 200,
  answer: z.object({ success: z.literal(true) }),
  quay: "same",
});

export const confirmEmail = endpoint({
  id: "confirmEmail",
  method: "POST",
  path: `${PATH}/confirm`,
  section: "user",
  summary: "Confirm an e-mail address with the code that was sent to it.",
  right: "anybody",
  body: z.object({ code: text(255) }),
  status: 200,
  answer: z.object({ username: z.string(), email: z.string() }),
  quay: "new: Quay has a page alone",
});

export const requestRecoveryEmail = endpoint({
  id: "requestRecoveryEmail",
  method: "POST",
  path: "/api/v1/recovery",
  section: "user",
  summary: "Send a code for a new password to an e-mail address.",
  right: "anybody",
  body: z.object({ email }),
  status: 200,
  answer: z.object({
    status: z.literal("sent").describe("whether there is a user of that address or not"),
  }),
  quay: "extended: always the same answer",
});

export const confirmRecovery = endpoint({
  id: "confirmRecovery",
  method: "POST",
  path: "/api/v1/recovery/confirm",
  section: "user",
  summary: "Set a new password with the code of a recovery mail. Ends all sessions.",
  right: "anybody",
  body: z.object({ code: text(255), password: newPassword }),
  status: 200,
  answer: z.object({ username: z.string() }),
  quay: "new: Quay's code signs in by itself",
});
