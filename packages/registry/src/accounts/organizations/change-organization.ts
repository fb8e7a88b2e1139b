import { recordAudit } from "../../audit/record-audit.ts";
import type { Actor } from "../admin/actor.ts";
import type { Administration } from "../admin/administration.ts";
import { checkTagExpiration } from "../tag-expiration.ts";
import { checkEmail } from "../users/email-rule.ts";
import { needOrganization, unknownOrganization } from "./need-organization.ts";
import { lockOrganization, updateOrganization } from "./organization-store.ts";

export interface OrganizationChanges {
  /** Empty: none. */
  readonly email?: string | undefined;
  readonly description?: string | undefined;
  /** Seconds that a tag can be taken back: one of `collection.tagExpirationChoices`. */
  readonly tagExpiration?: number | undefined;
}

/** What is undefined stays. @throws {RegistryError} `DENIED`; `NOT_FOUND`; `PARAMETER_INVALID` */
export async function changeOrganization(
  administration: Administration,
  actor: Actor,
  name: string,
  changes: OrganizationChanges,
): Promise<void> {
  const { database, rights, config, now } = administration;
  const organization = await needOrganization(administration, name);
  await rights.require(actor, "organization.admin", { organization });
  const { email, description, tagExpiration: seconds } = changes;
  if (email !== undefined && email !== "") checkEmail(email);
  const tagExpiration =
    seconds === undefined ? undefined : checkTagExpiration(config.collection, seconds);
  await database.transaction(async (trx) => {
    const before = await lockOrganization(trx, organization.id, database.dialect);
    if (before === undefined) throw unknownOrganization(name);
    const tell = async (
      kind: "org_change_email" | "org_change" | "change_tag_expiration_policy",
      change: object,
    ): Promise<void> => {
      const metadata = { ...change, namespace: name };
      await recordAudit(trx, actor, { kind, namespace: organization, metadata }, now());
    };
    const old = before.email ?? "";
    if (email !== undefined && email !== old) {
      await updateOrganization(trx, before.id, { email: email === "" ? null : email });
      await tell("org_change_email", { email, old_email: old });
    }
    if (description !== undefined && description !== before.description) {
      await updateOrganization(trx, before.id, { description });
      await tell("org_change", { description });
    }
    const window = before.tag_expiration ?? config.collection.tagExpiration;
    if (tagExpiration !== undefined && tagExpiration !== window) {
      await updateOrganization(trx, before.id, { tag_expiration: tagExpiration });
      await tell("change_tag_expiration_policy", { tag_expiration: seconds });
    }
  });
}
