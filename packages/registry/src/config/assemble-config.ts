import { availableParallelism } from "node:os";
import { join } from "node:path";

import { ldapContradictions, ldapOf, oidcServices } from "./assemble-external.ts";
import type { Config, DatabaseConfig, StorageConfig } from "./config.ts";
import { isOptionKey } from "./options.ts";
import type { OptionKey, PlainSettings } from "./options.ts";
import type { CheckedSettings } from "./plain-settings.ts";
import type { Problem } from "./problem.ts";

/** Gives the keys their meaning together, and says where they contradict each other. */
export function assembleConfig(settings: CheckedSettings): {
  readonly config: Config;
  readonly problems: readonly Problem[];
} {
  const { oidc, problems } = oidcServices(settings);
  return {
    config: { ...configOf(settings.plain), oidc },
    problems: [...contradictions(settings), ...problems, ...ldapContradictions(settings)],
  };
}

function configOf(plain: PlainSettings): Omit<Config, "oidc"> {
  return {
    data: plain.data,
    server: {
      address: plain["server.address"],
      port: plain["server.port"],
      url: plain["server.url"],
      tls: tlsOf(plain),
      trustedProxies: plain["server.trustedProxies"],
      maxConnections: plain["server.maxConnections"],
      idleTimeout: plain["server.idleTimeout"],
      stopTimeout: plain["server.stopTimeout"],
    },
    database: databaseOf(plain),
    storage: storageOf(plain),
    registry: {
      createdByPush: plain["registry.createdByPush"],
      manifestBytes: plain["registry.manifestBytes"],
      blobBytes: plain["registry.blobBytes"],
      pageSize: plain["registry.pageSize"],
      uploadExpiration: plain["registry.uploadExpiration"],
      smallBlobBytes: plain["registry.smallBlobBytes"],
      blobCacheBytes: plain["registry.blobCacheBytes"],
      defaultQuota: plain["registry.defaultQuota"],
      usageInterval: plain["registry.usageInterval"],
    },
    accounts: {
      adminName: plain["accounts.adminName"],
      adminPassword: plain["accounts.adminPassword"],
      tokenLifetime: plain["accounts.tokenLifetime"],
      anonymousAccess: plain["accounts.anonymousAccess"],
      failuresPerMinute: plain["accounts.failuresPerMinute"],
      sessionLifetime: plain["accounts.sessionLifetime"],
      freshLoginTimeout: plain["accounts.freshLoginTimeout"],
      secretKey: plain["accounts.secretKey"],
      robots: plain["accounts.robots"],
      federationAudience: plain["accounts.federationAudience"],
      oauthTokenLifetime: plain["accounts.oauthTokenLifetime"],
      registration: plain["accounts.registration"],
      verifyEmail: plain["accounts.verifyEmail"],
      initialize: plain["accounts.initialize"],
      auditSignIns: plain["accounts.auditSignIns"],
      teamSyncByAdmins: plain["accounts.teamSyncByAdmins"],
      organizationCreation: plain["accounts.organizationCreation"],
      teamInvitations: plain["accounts.teamInvitations"],
    },
    mail: mailOf(plain),
    ldap: ldapOf(plain),
    api: {
      requestsPerMinute: plain["api.requestsPerMinute"],
    },
    audit: {
      pulls: plain["audit.pulls"],
      addresses: plain["audit.addresses"],
      retention: plain["audit.retention"],
      archive: plain["audit.archive"],
    },
    network: {
      allowPrivateAddresses: plain["network.allowPrivateAddresses"],
      allowPlainHttp: plain["network.allowPlainHttp"],
      allowedNetworks: plain["network.allowedNetworks"],
    },
    squash: {
      cacheFolder: plain["squash.cacheFolder"] ?? join(plain.data, "cache"),
      cacheBytes: plain["squash.cacheBytes"],
      waitTimeout: plain["squash.waitTimeout"],
      producers: plain["squash.producers"],
      threads: plain["squash.threads"] ?? Math.min(4, availableParallelism()),
      layerEntries: plain["squash.layerEntries"],
    },
    collection: {
      interval: plain["collection.interval"],
      tagExpiration: plain["collection.tagExpiration"],
      tagExpirationChoices: plain["collection.tagExpirationChoices"],
      lease: plain["collection.lease"],
      orphanAge: plain["collection.orphanAge"],
    },
    log: {
      level: plain["log.level"],
      requests: plain["log.requests"],
      format: plain["log.format"],
    },
  };
}

function tlsOf(plain: PlainSettings): Config["server"]["tls"] {
  const certificate = plain["server.tls.certificate"];
  const key = plain["server.tls.key"];
  return certificate === undefined || key === undefined ? undefined : { certificate, key };
}

function mailOf(plain: PlainSettings): Config["mail"] {
  const url = plain["mail.url"];
  const from = plain["mail.from"];
  if (url === undefined || from === undefined) return undefined;
  return { url, from, timeout: plain["mail.timeout"] };
}

function databaseOf(plain: PlainSettings): DatabaseConfig {
  const url = plain["database.url"];
  if (url !== undefined) return { kind: "postgres", url, poolSize: plain["database.poolSize"] };
  return { kind: "sqlite", path: plain["database.path"] ?? join(plain.data, "wharf.db") };
}

function storageOf(plain: PlainSettings): StorageConfig {
  const bucket = plain["storage.s3.bucket"];
  if (bucket === undefined) {
    const path = plain["storage.path"] ?? join(plain.data, "storage");
    return { kind: "filesystem", path, reserve: plain["storage.reserve"] };
  }
  const endpoint = plain["storage.s3.endpoint"];
  const prefix = plain["storage.s3.prefix"];
  return {
    kind: "s3",
    endpoint,
    region: plain["storage.s3.region"],
    bucket,
    prefix: prefix === "" || prefix.endsWith("/") ? prefix : `${prefix}/`,
    pathStyle: plain["storage.s3.pathStyle"] ?? endpoint !== undefined,
    accessKeyId: plain["storage.s3.accessKeyId"],
    secretAccessKey: plain["storage.s3.secretAccessKey"],
    redirect: plain["storage.s3.redirect"],
  };
}

/** Keys that only mean something together; only what somebody has written can be wrong. */
function contradictions({ origins, plain }: CheckedSettings): Problem[] {
  const problems: Problem[] = [];
  const has = (key: OptionKey): boolean => origins.has(key);
  const refuse = (key: OptionKey, message: string): void => {
    problems.push({ origin: origins.get(key), key, message });
  };

  if (has("server.tls.certificate") && !has("server.tls.key")) {
    refuse("server.tls.certificate", "needs server.tls.key");
  }
  if (has("server.tls.key") && !has("server.tls.certificate")) {
    refuse("server.tls.key", "needs server.tls.certificate");
  }
  if (has("database.url") && has("database.path")) {
    refuse("database.path", "is for SQLite, but database.url chooses PostgreSQL; leave one out");
  }
  if (!has("storage.s3.bucket")) {
    for (const key of origins.keys()) {
      if (isOptionKey(key) && key.startsWith("storage.s3.")) refuse(key, "needs storage.s3.bucket");
    }
  } else if (has("storage.path")) {
    refuse("storage.path", "is for a folder, but storage.s3.bucket chooses S3; leave one out");
  }
  if (has("storage.s3.accessKeyId") && !has("storage.s3.secretAccessKey")) {
    refuse("storage.s3.accessKeyId", "needs storage.s3.secretAccessKey");
  }
  if (has("storage.s3.secretAccessKey") && !has("storage.s3.accessKeyId")) {
    refuse("storage.s3.secretAccessKey", "needs storage.s3.accessKeyId");
  }
  if (has("mail.url") && !has("mail.from")) refuse("mail.url", "needs mail.from");
  if (has("mail.url") && !has("server.url")) {
    refuse("mail.url", "needs server.url: the links in mails lead there");
  }
  if (has("mail.from") && !has("mail.url")) refuse("mail.from", "needs mail.url");
  if (plain["accounts.verifyEmail"] && !has("mail.url")) {
    refuse("accounts.verifyEmail", "needs mail.url: the codes are sent by mail");
  }
  return problems;
}
