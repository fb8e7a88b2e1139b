/**
 * The configuration of a server, complete and checked; `load-config.ts` makes it from the file, the environment and the
 * defaults. Sizes are bytes, times milliseconds, paths absolute.
 */
export interface Config {
  /** Folder of everything that is kept on this machine: database, blobs, cache, unless they are told to be elsewhere. */
  readonly data: string;
  readonly server: ServerConfig;
  readonly database: DatabaseConfig;
  readonly storage: StorageConfig;
  readonly registry: RegistryConfig;
  readonly accounts: AccountsConfig;
  /** Undefined: no mail is sent. */
  readonly mail: MailConfig | undefined;
  /** Services that browsers can sign in with. */
  readonly oidc: readonly OidcConfig[];
  /** Undefined: passwords are ours alone. */
  readonly ldap: LdapConfig | undefined;
  readonly api: ApiConfig;
  readonly audit: AuditConfig;
  readonly network: NetworkConfig;
  readonly squash: SquashConfig;
  readonly collection: CollectionConfig;
  readonly log: LogConfig;
}

export interface ServerConfig {
  /** Address to listen at; `127.0.0.1` unless configured. */
  readonly address: string;
  /** 0: any free one. */
  readonly port: number;
  /** Under which clients reach it, such as `https://registry.example.com`, without a trailing slash. Undefined: as the `Host` header says. */
  readonly url: string | undefined;
  readonly tls: { readonly certificate: string; readonly key: string } | undefined;
  /** Addresses and networks (CIDR) of proxies whose `X-Forwarded-*` headers are believed. */
  readonly trustedProxies: readonly string[];
  /** Connections at once; more are closed as they come. */
  readonly maxConnections: number;
  /** A client that sends or takes nothing for so long is cut off. */
  readonly idleTimeout: number;
  /** How long a stopping server waits for transfers. */
  readonly stopTimeout: number;
}

export type DatabaseConfig =
  | { readonly kind: "sqlite"; readonly path: string }
  | { readonly kind: "postgres"; readonly url: string; readonly poolSize: number };

export type StorageConfig =
  | { readonly kind: "filesystem"; readonly path: string; readonly reserve: number }
  | S3Config;

export interface S3Config {
  readonly kind: "s3";
  /** Undefined: Amazon's. */
  readonly endpoint: string | undefined;
  readonly region: string;
  readonly bucket: string;
  /** Before every key; empty or ending in `/`. */
  readonly prefix: string;
  readonly pathStyle: boolean;
  /** Undefined: from the environment of the machine (roles, profiles), as the AWS SDK finds it. */
  readonly accessKeyId: string | undefined;
  readonly secretAccessKey: string | undefined;
  /** Clients fetch blobs from the bucket themselves, by presigned URLs. */
  readonly redirect: boolean;
}

export interface RegistryConfig {
  /** Visibility of a repository that a push creates. */
  readonly createdByPush: "private" | "public";
  readonly manifestBytes: number;
  readonly blobBytes: number;
  /** Most entries on a page of tags, repositories or referrers. */
  readonly pageSize: number;
  /** Upload sessions that nobody continues are thrown away after so long. */
  readonly uploadExpiration: number;
  /** Blobs up to this size are kept in memory, together at most `blobCacheBytes`. */
  readonly smallBlobBytes: number;
  readonly blobCacheBytes: number;
  /** Bytes that namespaces without a quota of their own may use; undefined: any number. */
  readonly defaultQuota: number | undefined;
  /** So long after a change it is measured again what a namespace uses. */
  readonly usageInterval: number;
}

export interface AccountsConfig {
  /** The administrator that is created on first start. */
  readonly adminName: string;
  /** Undefined: one is made up and printed once. */
  readonly adminPassword: string | undefined;
  readonly tokenLifetime: number;
  /** Public repositories can be pulled without a login. */
  readonly anonymousAccess: boolean;
  /** Failed logins by account and by address that are allowed in a minute. */
  readonly failuresPerMinute: number;
  /** A browser's session ends so long after its last request. */
  readonly sessionLifetime: number;
  /** Dangerous changes by a browser need the password again after this. */
  readonly freshLoginTimeout: number;
  /** What secrets that may be shown again are encrypted with; undefined: a key in the database. */
  readonly secretKey: string | undefined;
  /** False: no robots are made, and those there are cannot log in. */
  readonly robots: boolean;
  /** What tokens of a CI must be made for; undefined: `server.url`. */
  readonly federationAudience: string | undefined;
  /** Of OAuth tokens that are made without one. */
  readonly oauthTokenLifetime: number;
  /** Who may register: nobody, whoever was invited by mail, everybody. */
  readonly registration: "off" | "invited" | "open";
  /** Who registers must confirm their e-mail address. */
  readonly verifyEmail: boolean;
  /** The first user is made by `POST /api/v1/user/initialize`, and not on first start. */
  readonly initialize: boolean;
  /** Sign-ins of browsers that the audit log tells of. */
  readonly auditSignIns: "none" | "successes" | "failures" | "all";
  /** Who may create organizations. */
  readonly organizationCreation: "users" | "superusers";
  /** Users who are new to an organization must accept before they are in its teams. */
  readonly teamInvitations: boolean;
  /** Admins of organizations may let teams follow groups; otherwise superusers alone. */
  readonly teamSyncByAdmins: boolean;
}

/** How mail is sent. */
export interface MailConfig {
  /** `smtp://` or `smtps://`, with user and password if the server wants them. */
  readonly url: string;
  /** `name@host`, or `Name <name@host>`. */
  readonly from: string;
  readonly timeout: number;
}

/** An OpenID Connect provider. */
export interface OidcConfig {
  /** Lower-case letters, digits and dashes; never `ldap`. */
  readonly id: string;
  readonly issuer: string;
  readonly clientId: string;
  /** Undefined: the registry is a public client. */
  readonly clientSecret: string | undefined;
  readonly name: string;
  readonly scopes: readonly string[];
  readonly usernameClaim: string;
  readonly groupsClaim: string;
  /** Empty: signing in changes nothing. */
  readonly superuserGroups: readonly string[];
  /** Empty: everybody may sign in. */
  readonly allowedGroups: readonly string[];
  readonly createUsers: boolean;
}

/** An LDAP directory. */
export interface LdapConfig {
  /** Without a slash at the end. */
  readonly url: string;
  readonly startTls: boolean;
  /** Path; undefined: the authorities that Node knows. */
  readonly caCertificate: string | undefined;
  /** Undefined: searches are anonymous. */
  readonly bind: { readonly dn: string; readonly password: string } | undefined;
  readonly baseDn: string;
  readonly userFilter: string;
  readonly usernameAttribute: string;
  readonly emailAttribute: string;
  readonly subjectAttribute: string;
  readonly groupFilter: string;
  readonly memberAttribute: string;
  /** Undefined: groups tell their members. */
  readonly memberOfAttribute: string | undefined;
  /** The first sign-in makes a user. */
  readonly createUsers: boolean;
  /** Members of groups that teams follow are made users before they sign in. */
  readonly createMembers: boolean;
  readonly syncInterval: number;
  /** Of everything that is asked of the directory. */
  readonly timeout: number;
}

export interface ApiConfig {
  /** Of each account, or address without a login. */
  readonly requestsPerMinute: number;
}

export interface AuditConfig {
  /** Which pulls stand in the log. */
  readonly pulls: "all" | "authenticated" | "none";
  /** Entries keep address and user agent of the client. */
  readonly addresses: boolean;
  /** Entries that are older leave the database. */
  readonly retention: number;
  /** They are written to the blob store before. */
  readonly archive: boolean;
}

/** What requests that somebody asked for by a URL may reach (`http/outgoing/guarded-fetch.ts`). */
export interface NetworkConfig {
  readonly allowPrivateAddresses: boolean;
  readonly allowPlainHttp: boolean;
  /** Addresses and networks (CIDR) that may be reached although they are private. */
  readonly allowedNetworks: readonly string[];
}

export interface SquashConfig {
  /** Folder for squashed layers that were made. */
  readonly cacheFolder: string;
  /** The least recently used go when they are more than this together; 0 keeps nothing. */
  readonly cacheBytes: number;
  /** How long a request waits for a digest that is being computed before it is told to come again. */
  readonly waitTimeout: number;
  /** Squashed layers made at the same time. */
  readonly producers: number;
  /** Threads that read layers for indexes and squashed layers. */
  readonly threads: number;
  /** Most entries that a layer may have to be squashed. */
  readonly layerEntries: number;
}

export interface CollectionConfig {
  /** Between two collections; 0: only when asked for. */
  readonly interval: number;
  /** How long tags can be taken back, and images without a tag are kept. */
  readonly tagExpiration: number;
  /** What users and organizations may choose in place of it. */
  readonly tagExpirationChoices: readonly number[];
  /** Blobs and manifests that nothing refers to are kept for so long after they were last touched. */
  readonly lease: number;
  /** Objects in the blob store that the database does not know are deleted when they are older. */
  readonly orphanAge: number;
}

export interface LogConfig {
  readonly level: "trace" | "debug" | "info" | "warn" | "error";
  /** One line for each request. */
  readonly requests: boolean;
  readonly format: "json" | "text";
}
