import type { Entry } from "ldapts";
import type { LdapConfig } from "../../../config/config.ts";
import { LDAP } from "../external-identity.ts";
import type { ExternalIdentity } from "../external-identity.ts";

/** A user as the directory has them. */
export interface DirectoryUser {
  readonly dn: string;
  /** Text, or hex digits of an attribute that holds bytes. */
  readonly subject: string;
  readonly name: string;
  readonly email: string | undefined;
}

/** Attributes of Active Directory that hold bytes; most others are texts. */
const BINARY = /^(?:objectGUID|objectSid)$/i;

/** The attributes that {@link directoryUser} looks at. */
export function userAttributes(config: LdapConfig): string[] {
  return [config.subjectAttribute, config.usernameAttribute, config.emailAttribute];
}

/** The attributes that are wanted as bytes. */
export function binaryAttributes({ subjectAttribute }: LdapConfig): string[] {
  return BINARY.test(subjectAttribute) ? [subjectAttribute] : [];
}

/** What a subject was made from, to be searched for. */
export function subjectValue(subject: string, { subjectAttribute }: LdapConfig): string | Buffer {
  return BINARY.test(subjectAttribute) ? Buffer.from(subject, "hex") : subject;
}

/** @returns undefined for an entry without a name, or without what tells it for good */
export function directoryUser(entry: Entry, config: LdapConfig): DirectoryUser | undefined {
  const [subject] = valuesOf(entry, config.subjectAttribute);
  const [name] = valuesOf(entry, config.usernameAttribute).map(clean);
  const [email] = valuesOf(entry, config.emailAttribute).map(clean);
  if (subject === undefined || name === undefined || entry.dn === "" || name === "")
    return undefined;
  const isAddress = email !== undefined && /^[^\s@]+@[^\s@]+$/.test(email) && email.length <= 254;
  return { dn: entry.dn, subject: clean(subject), name, email: isAddress ? email : undefined };
}

/** Values of an attribute; directories write its name in their own case. Bytes come as hex digits. */
export function valuesOf(entry: Entry, attribute: string): string[] {
  const key = Object.keys(entry).find((name) => name.toLowerCase() === attribute.toLowerCase());
  const value = key === undefined ? [] : (entry[key] ?? []);
  const values: readonly (string | Buffer)[] = Array.isArray(value) ? value : [value];
  return values.map((one) => (typeof one === "string" ? one : one.toString("hex")));
}

export function identityOf({ subject, name, email }: DirectoryUser): ExternalIdentity {
  return { service: LDAP, subject, name, email };
}

/** As the database takes it. */
function clean(text: string): string {
  return text.replaceAll(/[\0\ud800-\udfff]/gu, "").slice(0, 255);
}
