import type { OidcConfig } from "../../../config/config.ts";
import type { ExternalIdentity } from "../external-identity.ts";

/** What a service tells of a user: an ID token, and what its user info adds. */
export type Claims = Readonly<Record<string, unknown>>;

/** Groups of one user that are looked at. */
const MOST_GROUPS = 10_000;

/** @param subject of the ID token */
export function identityIn(
  claims: Claims,
  subject: string,
  { id, usernameClaim }: Pick<OidcConfig, "id" | "usernameClaim">,
): ExternalIdentity {
  // Entra ID has `unique_name` and `upn` where others have `preferred_username`.
  const names = [usernameClaim, "preferred_username", "unique_name", "upn", "email", "name"];
  const name = names.map((claim) => textOf(valueOf(claims, claim))).find((text) => text !== "");
  return { service: id, subject, name: name ?? subject, email: verifiedEmail(claims) };
}

/** The groups of a user; undefined when the service has not told them. */
export function groupsIn(claims: Claims, claim: string): readonly string[] | undefined {
  const value = valueOf(claims, claim);
  const list = typeof value === "string" ? [value] : value;
  if (!Array.isArray(list)) return undefined;
  const texts = list.filter((item) => typeof item === "string" && !/[\0\ud800-\udfff]/u.test(item));
  return texts.slice(0, MOST_GROUPS);
}

/** An address that the service has not checked may be anybody's. */
function verifiedEmail(claims: Claims): string | undefined {
  if (claims["email_verified"] !== true && claims["email_verified"] !== "true") return undefined;
  const email = textOf(claims["email"]);
  return /^[^\s\0@]+@[^\s\0@]+$/.test(email) && email.length <= 254 ? email : undefined;
}

/** By its name, or as a path with dots, such as Keycloak's `realm_access.roles`. */
function valueOf(claims: Claims, claim: string): unknown {
  if (Object.hasOwn(claims, claim)) return claims[claim];
  let value: unknown = claims;
  for (const part of claim.split(".")) {
    if (typeof value !== "object" || value === null || !Object.hasOwn(value, part))
      return undefined;
    value = (value as Claims)[part]; // an object, looked at just now
  }
  return value;
}

function textOf(value: unknown): string {
  return typeof value === "string" ? value.replaceAll(/[\0\ud800-\udfff]/gu, "").slice(0, 255) : "";
}
