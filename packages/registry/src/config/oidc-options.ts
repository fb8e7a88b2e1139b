import type { z } from "zod";

import { issuer, texts } from "./external-option-kinds.ts";
import { boolean, string } from "./option-kinds.ts";
import { option, optional, secret } from "./option.ts";
import type { Option } from "./option.ts";

const claim = string("must be the name of a claim", /^[\w:./-]{1,255}$/);
const NEEDED = "none: it must be given";

/** The keys of one OIDC service: `oidc.<id>.…`. */
export const OIDC_OPTIONS = {
  issuer: optional(
    issuer,
    NEEDED,
    "What the service calls itself, letter by letter; `/.well-known/openid-configuration` below it tells the rest. It must be HTTPS, but on this machine.",
  ),
  clientId: optional(
    string("must not be empty", /^[^\0]{1,1024}$/),
    NEEDED,
    "Under which the registry is known to the service.",
  ),
  clientSecret: secret(
    optional(
      string("must not be empty", /^[^\0]{1,4096}$/),
      "none, the service knows the registry as a public client",
      "Secret that belongs to it.",
    ),
  ),
  name: optional(
    string("must be 1 to 64 characters", /^[^\0-\x1f\x7f]{1,64}$/),
    "the id",
    "Of the service, for people: on the button of the sign-in page.",
  ),
  scopes: option(
    texts,
    "openid, profile, email",
    "Scopes that are asked for. Some services tell groups only with one more, such as `groups`.",
  ),
  usernameClaim: option(
    claim,
    "preferred_username",
    "Claim that the name of a new user is made from; what stands before an `@` counts, and what is taken gets a number.",
  ),
  groupsClaim: option(
    claim,
    "groups",
    "Claim with the groups of the user, a list of texts. Teams that follow a group are brought up to it with each sign-in.",
  ),
  superuserGroups: option(
    texts,
    "",
    "Members of these groups are superusers, and others who sign in with the service are not. Empty: signing in changes nothing.",
  ),
  allowedGroups: option(
    texts,
    "",
    "Only members of these groups may sign in with the service. Empty: everybody whom it knows.",
  ),
  createUsers: option(
    boolean,
    "true",
    "The first sign-in makes a user. Otherwise users must attach the service to their account before.",
  ),
} as const satisfies Readonly<Record<string, Option>>;

/** The last part of a key, such as `issuer`. */
export type OidcField = keyof typeof OIDC_OPTIONS;

export const OIDC_FIELDS = Object.freeze(
  // Object.keys is typed for objects that may have more keys than their type says; this one has none.
  Object.keys(OIDC_OPTIONS) as OidcField[],
);

/** The keys of one service with their checked values. */
export type PlainOidc = {
  readonly [Field in OidcField]: z.output<(typeof OIDC_OPTIONS)[Field]["schema"]>;
};
