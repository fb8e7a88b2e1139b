import type { Config, LdapConfig, OidcConfig } from "./config.ts";
import type { PlainSettings } from "./options.ts";
import type { PlainOidc } from "./oidc-options.ts";
import type { CheckedSettings } from "./plain-settings.ts";
import type { Problem } from "./problem.ts";
import type { SettingKey } from "./setting-key.ts";

/** The services that are complete; what others lack is told. */
export function oidcServices({ oidc, origins }: CheckedSettings): {
  readonly oidc: Config["oidc"];
  readonly problems: readonly Problem[];
} {
  const problems: Problem[] = [];
  const services: OidcConfig[] = [];
  for (const [id, plain] of oidc) {
    const service = oidcOf(id, plain);
    if (service !== undefined) services.push(service);
    const named = [...origins.keys()].find((key) => key.startsWith(`oidc.${id}.`));
    for (const field of ["issuer", "clientId"] as const) {
      const key: SettingKey = `oidc.${id}.${field}`;
      // One that was given and is wrong is told already.
      if (plain[field] !== undefined || origins.has(key) || named === undefined) continue;
      problems.push({ origin: origins.get(named), key: named, message: `needs ${key}` });
    }
  }
  return { oidc: services, problems };
}

function oidcOf(id: string, plain: PlainOidc): OidcConfig | undefined {
  const { issuer, clientId, name = id } = plain;
  if (issuer === undefined || clientId === undefined) return undefined;
  const scopes = [...new Set(["openid", ...plain.scopes])];
  return { ...plain, id, issuer, clientId, name, scopes };
}

/** Undefined without a directory. */
export function ldapOf(plain: PlainSettings): LdapConfig | undefined {
  const url = plain["ldap.url"];
  const baseDn = plain["ldap.baseDn"];
  if (url === undefined || baseDn === undefined) return undefined;
  const dn = plain["ldap.bindDn"];
  const password = plain["ldap.bindPassword"];
  return {
    url,
    startTls: plain["ldap.startTls"],
    caCertificate: plain["ldap.caCertificate"],
    bind: dn === undefined || password === undefined ? undefined : { dn, password },
    baseDn,
    userFilter: plain["ldap.userFilter"],
    usernameAttribute: plain["ldap.usernameAttribute"],
    emailAttribute: plain["ldap.emailAttribute"],
    subjectAttribute: plain["ldap.subjectAttribute"],
    groupFilter: plain["ldap.groupFilter"],
    memberAttribute: plain["ldap.memberAttribute"],
    memberOfAttribute: plain["ldap.memberOfAttribute"],
    createUsers: plain["ldap.createUsers"],
    createMembers: plain["ldap.createMembers"],
    syncInterval: plain["ldap.syncInterval"],
    timeout: plain["ldap.timeout"],
  };
}

/** Keys that only mean something together. */
export function ldapContradictions({ plain, origins }: CheckedSettings): Problem[] {
  const problems: Problem[] = [];
  const has = (key: SettingKey): boolean => origins.has(key);
  const refuse = (key: SettingKey, message: string): void => {
    problems.push({ origin: origins.get(key), key, message });
  };
  if (!has("ldap.url")) {
    for (const key of origins.keys()) {
      if (key.startsWith("ldap.")) refuse(key, "needs ldap.url");
    }
    return problems;
  }
  if (!has("ldap.baseDn")) refuse("ldap.url", "needs ldap.baseDn");
  if (has("ldap.bindDn") && !has("ldap.bindPassword")) {
    refuse("ldap.bindDn", "needs ldap.bindPassword");
  }
  if (has("ldap.bindPassword") && !has("ldap.bindDn")) {
    refuse("ldap.bindPassword", "needs ldap.bindDn");
  }
  if (plain["ldap.startTls"] && plain["ldap.url"]?.startsWith("ldaps:") === true) {
    refuse("ldap.startTls", "is for ldap:// alone: ldaps:// is encrypted from the start");
  }
  return problems;
}
