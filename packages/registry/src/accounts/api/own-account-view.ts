import type * as endpoints from "@wharf/contract/endpoints";
import type { z } from "zod";
import { avatarOf } from "../avatar.ts";
import type { AccountPrincipal } from "../principal.ts";
import type { OwnAccount } from "../users/own-account.ts";

/** A user as they see themselves, in Quay's words. */
export function ownAccountView(
  { isSuperuser }: AccountPrincipal,
  { user, profile, tagExpiration, logins, organizations }: OwnAccount,
): z.input<NonNullable<typeof endpoints.getLoggedInUser.answer>> {
  return {
    anonymous: false,
    username: user.name,
    avatar: avatarOf(user.name, "user"),
    can_create_repo: true,
    is_me: true,
    verified: user.verified === 1,
    email: user.email,
    logins: logins.map(({ service, subject, name, email }) => ({
      service,
      service_identifier: subject,
      metadata: { service_username: name, email },
    })),
    invoice_email: false,
    invoice_email_address: null,
    preferred_namespace: true,
    tag_expiration_s: Math.floor(tagExpiration / 1000),
    prompts: [],
    ...profile,
    is_free_account: true,
    has_password_set: user.has_password === 1,
    organizations: organizations.map(({ name, mayCreate, isAdmin }) => ({
      name,
      avatar: avatarOf(name, "org"),
      can_create_repo: mayCreate,
      public: false,
      is_org_admin: isAdmin,
      preferred_namespace: true,
    })),
    super_user: isSuperuser,
  };
}
