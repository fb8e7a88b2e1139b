import type { z } from "zod";

import { attributeName, distinguishedName, ldapFilter, ldapUrl } from "./external-option-kinds.ts";
import {
  boolean,
  duration,
  durations,
  integer,
  mailAddress,
  networks,
  oneOf,
  origin,
  path,
  postgresUrl,
  size,
  smtpUrl,
  string,
} from "./option-kinds.ts";
import { option, optional, secret } from "./option.ts";
import type { Option } from "./option.ts";

const MINUTE = 60_000;
const DAY = 86_400_000;

/**
 * Every key of the configuration. Loading, the environment variables, the error messages and `docs/configuration.md`
 * come from this table; it is one piece of data, so it is one long file.
 */
export const OPTIONS = {
  data: option(
    path,
    "data",
    "Folder of everything that is kept on this machine: database, blobs and cache, unless their own keys say otherwise. " +
      "The default lies in the working folder, a relative path in the file is relative to the file.",
  ),

  "server.address": option(
    string("must be an address or a host name, without a port", /^[A-Za-z0-9.:_-]+$/),
    "127.0.0.1",
    "Address to listen at. `0.0.0.0` and `::` mean every network of the machine.",
  ),
  "server.port": option(integer(0, 65_535), "5000", "Port to listen at; `0` takes a free one."),
  "server.url": optional(
    origin,
    "as the `Host` header of the request says",
    "Under which clients reach the registry, such as `https://registry.example.com`. Needed behind a proxy that is not in `server.trustedProxies`.",
  ),
  "server.tls.certificate": optional(
    path,
    "plain HTTP",
    "Certificate chain in PEM, the server's own certificate first. Read again when it changes and at SIGHUP.",
  ),
  "server.tls.key": optional(path, "plain HTTP", "Its private key in PEM, without a passphrase."),
  "server.trustedProxies": option(
    networks,
    "",
    "Addresses and networks of proxies, such as `10.0.0.0/8`, whose `X-Forwarded-*` headers are believed.",
  ),
  "server.maxConnections": option(
    integer(1, 1_000_000),
    "4096",
    "Connections at once; more wait in the queue of the kernel.",
  ),
  "server.idleTimeout": option(
    duration(1000, "1s"),
    "2m",
    "A client that neither sends nor takes anything for so long is cut off. What it has uploaded stays and can be continued.",
  ),
  "server.stopTimeout": option(
    duration(0, "0"),
    "30s",
    "How long a stopping server waits for transfers that are under way.",
  ),

  "database.path": optional(
    path,
    "`wharf.db` in `data`",
    "File of the embedded SQLite database. Must lie on a local disk.",
  ),
  "database.url": secret(
    optional(
      postgresUrl,
      "the embedded SQLite",
      "Makes PostgreSQL 15 or newer the database, such as `postgres://wharf:password@db.example.com:5432/wharf`.",
    ),
  ),
  "database.poolSize": option(
    integer(2, 1000),
    "10",
    "Connections to PostgreSQL that each server holds at most.",
  ),

  "storage.path": optional(
    path,
    "`storage` in `data`",
    "Folder of the blobs, when they are kept in a folder.",
  ),
  "storage.reserve": option(
    size(0, "0"),
    "1GiB",
    "Free space that uploads leave on the disk of the folder; they are refused before that with 507.",
  ),
  "storage.s3.bucket": optional(
    string(
      "must be the name of a bucket: 3 to 255 letters, digits, dots, dashes or underscores",
      /^[A-Za-z0-9][A-Za-z0-9._-]{1,253}[A-Za-z0-9]$/,
    ),
    "blobs are kept in a folder",
    "Keeps the blobs in this bucket of an S3 store. It must exist.",
  ),
  "storage.s3.endpoint": optional(
    origin,
    "Amazon S3 of the region",
    "URL of the S3 store, such as `https://s3.example.com`.",
  ),
  "storage.s3.region": option(
    string("must be the name of a region", /^[A-Za-z0-9-]{1,64}$/),
    "us-east-1",
    "Region of the bucket; most stores other than Amazon's take any.",
  ),
  "storage.s3.prefix": option(
    string(
      "must be letters, digits, `.`, `_`, `-` and `/`, and not begin with a slash",
      /^(?:[A-Za-z0-9._-]+(?:\/[A-Za-z0-9._-]+)*\/?)?$/,
    ),
    "",
    "Before the key of every object, for a bucket that is shared, such as `wharf/`.",
  ),
  "storage.s3.pathStyle": optional(
    boolean,
    "`true` with an endpoint, `false` for Amazon",
    "The bucket stands in the path of the URL and not in the host name.",
  ),
  "storage.s3.accessKeyId": secret(
    optional(
      string("must not be empty", /./),
      "roles and profiles of the machine, as the AWS SDK finds them",
      "Access key of the store.",
    ),
  ),
  "storage.s3.secretAccessKey": secret(
    optional(string("must not be empty", /./), "as above", "Secret that belongs to it."),
  ),
  "storage.s3.redirect": option(
    boolean,
    "false",
    "Clients fetch blobs from the bucket themselves, by URLs that are good for some minutes. They must be able to reach the store.",
  ),

  "registry.createdByPush": option(
    oneOf("private", "public"),
    "private",
    "Visibility of a repository that a first push creates.",
  ),
  "registry.manifestBytes": option(
    size(64 * 1024, "64KiB"),
    "4MiB",
    "Longest manifest that is taken.",
  ),
  "registry.blobBytes": option(size(1024 ** 2, "1MiB"), "20GiB", "Largest blob that is taken."),
  "registry.pageSize": option(
    integer(1, 10_000),
    "1000",
    "Most entries on a page of tags, repositories or referrers.",
  ),
  "registry.uploadExpiration": option(
    duration(1000, "1s"),
    "1d",
    "Uploads that nobody continues are thrown away after so long.",
  ),
  "registry.smallBlobBytes": option(
    size(0, "0"),
    "64KiB",
    "Blobs up to this size are kept in memory once they were asked for.",
  ),
  "registry.blobCacheBytes": option(size(0, "0"), "64MiB", "Memory for them; `0` keeps nothing."),
  "registry.defaultQuota": optional(
    size(1, "1"),
    "no quota",
    "How much each user and organization may use that has no quota of its own. Distinct blobs of what can be pulled count; what can only be taken back does not.",
  ),
  "registry.usageInterval": option(
    duration(0, "0s"),
    "10s",
    "How long after a change it is measured again what a user or organization uses.",
  ),

  "accounts.adminName": option(
    string(
      "must be 2 to 255 lower-case letters and digits, separated by one `.`, one or two `_`, or any number of `-`",
      /^(?=.{2,255}$)[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*$/,
    ),
    "admin",
    "The administrator that is created on the first start.",
  ),
  "accounts.adminPassword": secret(
    optional(
      string(
        "must have at least 8 characters, at most 1024, and none that controls a terminal",
        /^[^\0-\x1f\x7f]{8,1024}$/,
      ),
      "one is made up and printed once",
      "Password of the administrator that is created on the first start. Without effect later.",
    ),
  ),
  "accounts.tokenLifetime": option(
    duration(MINUTE, "1m"),
    "5m",
    "How long a token of `docker login` clients is good; they fetch the next one by themselves. A right that is taken away is gone from new tokens at once, from others when they expire.",
  ),
  "accounts.anonymousAccess": option(
    boolean,
    "true",
    "Public repositories can be pulled without a login.",
  ),
  "accounts.failuresPerMinute": option(
    integer(1, 100_000),
    "30",
    "Failed logins that are allowed in a minute, for each account and each address.",
  ),

  "accounts.sessionLifetime": option(
    duration(MINUTE, "1m"),
    "14d",
    "A browser is signed out so long after its last request.",
  ),
  "accounts.freshLoginTimeout": option(
    duration(MINUTE, "1m"),
    "10m",
    "Dangerous changes in a browser need the password again when it was last shown longer ago.",
  ),
  "accounts.secretKey": secret(
    optional(
      string("must have 32 to 1024 characters", /^[^\0\r\n]{32,1024}$/),
      "one is made up and kept in the database, so a dump of the database alone is enough to read those secrets",
      "Encrypts the secrets that may be shown again: tokens of robots, client secrets of OAuth applications. All servers of one registry need the same. After a change the secrets still work but cannot be shown again until they are regenerated.",
    ),
  ),
  "accounts.robots": option(
    boolean,
    "true",
    "Robots can be made and can log in. `false` refuses both, and keeps the robots there are.",
  ),
  "accounts.federationAudience": optional(
    string("must be 1 to 255 characters without spaces", /^[\x21-\x7e]{1,255}$/),
    "`server.url`",
    "Audience (`aud`) that the OIDC token of a CI must be made for to be exchanged for a robot's token, unless the robot says otherwise.",
  ),
  "accounts.oauthTokenLifetime": option(
    duration(MINUTE, "1m"),
    "365d",
    "How long a token of an OAuth application is good when nobody says how long.",
  ),

  "accounts.registration": option(
    oneOf("off", "invited", "open"),
    "off",
    "Who may register: nobody, so superusers create all users; whoever was invited to a team by mail; or everybody.",
  ),
  "accounts.verifyEmail": option(
    boolean,
    "false",
    "Users who register must confirm their e-mail address before they can do anything. Needs `mail.url`.",
  ),
  "accounts.initialize": option(
    boolean,
    "false",
    "The first start creates no administrator: the first `POST /api/v1/user/initialize` does, whoever sends it.",
  ),
  "accounts.auditSignIns": option(
    oneOf("none", "successes", "failures", "all"),
    "successes",
    "Sign-ins of browsers that the audit log tells of.",
  ),
  "accounts.teamSyncByAdmins": option(
    boolean,
    "false",
    "Admins of an organization may let its teams follow groups of the directory or of an OIDC service; otherwise superusers alone.",
  ),

  "accounts.organizationCreation": option(
    oneOf("users", "superusers"),
    "users",
    "Who may create organizations.",
  ),
  "accounts.teamInvitations": option(
    boolean,
    "false",
    "Users who are in no team of an organization are invited to its teams, and join when they accept; otherwise they are added at once.",
  ),

  "mail.url": secret(
    optional(
      smtpUrl,
      "no mail is sent",
      "Mail server, such as `smtp://wharf:password@mail.example.com:587`; `smtps://` begins with TLS. Needs `mail.from` and `server.url`.",
    ),
  ),
  "mail.from": optional(
    mailAddress,
    "no mail is sent",
    "Sender of mails, such as `registry@example.com` or `Wharf <registry@example.com>`.",
  ),
  "mail.timeout": option(
    duration(1000, "1s"),
    "20s",
    "How long the mail server may take to answer; a mail that was not sent is tried again.",
  ),

  "ldap.url": optional(
    ldapUrl,
    "no directory",
    "Takes passwords of an LDAP directory beside those of the registry, such as `ldaps://ldap.example.com`. Needs `ldap.baseDn`.",
  ),
  "ldap.startTls": option(
    boolean,
    "false",
    "A connection by `ldap://` is encrypted before anything else is sent.",
  ),
  "ldap.caCertificate": optional(
    path,
    "the authorities that Node knows",
    "Certificates in PEM of the authorities that may vouch for the directory.",
  ),
  "ldap.bindDn": optional(
    distinguishedName,
    "searches are anonymous",
    "Entry that the registry searches as. It should be able to read and nothing else.",
  ),
  "ldap.bindPassword": secret(
    optional(
      string("must not be empty", /^[^\0]{1,1024}$/),
      "searches are anonymous",
      "Its password.",
    ),
  ),
  "ldap.baseDn": optional(
    distinguishedName,
    "none: it must be given",
    "Users and groups are looked for below this entry, such as `dc=example,dc=com`.",
  ),
  "ldap.userFilter": option(
    ldapFilter,
    "(objectClass=person)",
    "What an entry must be to sign in, such as `(&(objectClass=person)(memberOf=cn=registry,dc=example,dc=com))`.",
  ),
  "ldap.usernameAttribute": option(
    attributeName,
    "uid",
    "Attribute that holds what people type as their name; `sAMAccountName` in Active Directory.",
  ),
  "ldap.emailAttribute": option(attributeName, "mail", "Attribute with their e-mail address."),
  "ldap.subjectAttribute": option(
    attributeName,
    "entryUUID",
    "Attribute that tells an entry for good, whatever its name becomes; `objectGUID` in Active Directory.",
  ),
  "ldap.groupFilter": option(
    ldapFilter,
    "(|(objectClass=groupOfNames)(objectClass=groupOfUniqueNames)(objectClass=posixGroup)(objectClass=group))",
    "What an entry must be for a team to follow it.",
  ),
  "ldap.memberAttribute": option(
    attributeName,
    "member",
    "Attribute of a group with its members, as distinguished names, or as what `ldap.usernameAttribute` holds (`memberUid`).",
  ),
  "ldap.memberOfAttribute": optional(
    attributeName,
    "groups tell their members by `ldap.memberAttribute`",
    "Attribute of a user with their groups; then this is searched in its place, such as `memberOf` in Active Directory.",
  ),
  "ldap.createUsers": option(
    boolean,
    "true",
    "The first sign-in makes a user. Otherwise only those sign in who have signed in before.",
  ),
  "ldap.createMembers": option(
    boolean,
    "false",
    "Members of groups that teams follow are made users before they first sign in.",
  ),
  "ldap.syncInterval": option(
    duration(MINUTE, "1m"),
    "30m",
    "Between two looks at the directory: teams get the members of their groups, users who are gone are disabled.",
  ),
  "ldap.timeout": option(
    duration(100, "100ms"),
    "10s",
    "How long the directory may take to answer a sign-in, or one search.",
  ),

  "api.requestsPerMinute": option(
    integer(1, 1_000_000),
    "3000",
    "Requests to the API that are allowed in a minute, for each account, and each address without a login.",
  ),

  "audit.pulls": option(
    oneOf("all", "authenticated", "none"),
    "all",
    "Which pulls stand in the audit log; `authenticated` leaves out those without a login. Equal pulls within some seconds are one entry with their number.",
  ),
  "audit.addresses": option(
    boolean,
    "true",
    "Entries keep the address and the user agent of the client.",
  ),
  "audit.retention": option(
    duration(DAY, "1d"),
    "30d",
    "How long entries stay in the database. The numbers of entries by day are kept for 400 days.",
  ),
  "audit.archive": option(
    boolean,
    "true",
    "Before they go, entries are written to the blob store, as gzipped JSON lines under `audit/archive/`, where they stay for good.",
  ),

  "network.allowPrivateAddresses": option(
    boolean,
    "false",
    "Requests to URLs that users name may reach loopback and private networks. Link-local addresses, where clouds keep their credentials, need `network.allowedNetworks`.",
  ),
  "network.allowPlainHttp": option(boolean, "false", "Such URLs may begin with `http://`."),
  "network.allowedNetworks": option(
    networks,
    "",
    "Addresses and networks, such as `10.20.0.0/16`, that such requests may reach whatever the other keys say.",
  ),

  "squash.cacheFolder": optional(
    path,
    "`cache` in `data`",
    "Folder for squashed layers that were made. It can be emptied at any time while the server is stopped.",
  ),
  "squash.cacheBytes": option(
    size(0, "0"),
    "10GiB",
    "Space for them; the least recently used go first. `0` keeps nothing.",
  ),
  "squash.waitTimeout": option(
    duration(0, "0"),
    "5m",
    "How long a pull of `:tag.squash` waits while the digest is computed; after that it is told to come again.",
  ),
  "squash.producers": option(
    integer(1, 256),
    "4",
    "Squashed layers that are made at the same time; more wait.",
  ),
  "squash.threads": optional(
    integer(1, 256),
    "the number of processors, at most 4",
    "Threads that read layers for indexes and squashed layers.",
  ),
  "squash.layerEntries": option(
    integer(1000, 4_000_000),
    "4000000",
    "Most entries that a layer may have to be squashed. Bounds the memory that reading a layer takes.",
  ),

  "collection.interval": option(
    duration(0, "0"),
    "1h",
    "Between two collections; `0` collects only when `wharf admin gc` asks for it.",
  ),
  "collection.tagExpiration": option(
    duration(0, "0"),
    "14d",
    "How long a deleted or moved tag can be taken back. Images without a tag are kept for as long.",
  ),
  "collection.tagExpirationChoices": option(
    durations,
    "0, 1d, 7d, 14d, 28d",
    "What users and organizations may choose in place of it.",
  ),
  "collection.lease": option(
    duration(1000, "1s"),
    "1h",
    "How long blobs and manifests that nothing refers to are kept after they were last touched: a push must not take longer from its first blob to its manifest without asking for its blobs again.",
  ),
  "collection.orphanAge": option(
    duration(1000, "1s"),
    "1h",
    "Objects in the blob store that the database does not know are deleted when they are older.",
  ),

  "log.level": option(
    oneOf("trace", "debug", "info", "warn", "error"),
    "info",
    "Least grave messages that are written.",
  ),
  "log.requests": option(boolean, "true", "One line for each request."),
  "log.format": option(
    oneOf("json", "text"),
    "json",
    "`json` for machines, one object in a line; `text` for people.",
  ),
} as const satisfies Readonly<Record<string, Option>>;

/** The name of a key, such as `server.port`. */
export type OptionKey = keyof typeof OPTIONS;

/** Every key with its checked value, on its own: what they mean together is not looked at yet. */
export type PlainSettings = {
  readonly [Key in OptionKey]: z.output<(typeof OPTIONS)[Key]["schema"]>;
};

export const OPTION_KEYS = Object.freeze(
  // Object.keys is typed for objects that may have more keys than their type says; this one has none.
  Object.keys(OPTIONS) as OptionKey[],
);

export function isOptionKey(key: string): key is OptionKey {
  return Object.hasOwn(OPTIONS, key);
}
