import type { ColumnType, Generated } from "kysely";

/**
 * The rows of all tables, the same on SQLite and PostgreSQL. Times are milliseconds since 1970-01-01 UTC, sizes are
 * bytes, flags are 0 or 1, JSON is text. Digests are written as the OCI image-spec writes them: `sha256:<hex>`.
 *
 * `touched_at` is a lease against collection: whoever is about to refer to a row renews it in the same transaction,
 * and collection only takes rows whose lease ran out (docs/decisions/007-leases-against-collection.md).
 */
export interface Tables {
  accounts: AccountsTable;
  credentials: CredentialsTable;
  teams: TeamsTable;
  team_members: TeamMembersTable;
  repositories: RepositoriesTable;
  repository_permissions: RepositoryPermissionsTable;
  repository_team_permissions: RepositoryTeamPermissionsTable;
  signing_keys: SigningKeysTable;
  settings: SettingsTable;
  blobs: BlobsTable;
  repository_blobs: RepositoryBlobsTable;
  uploads: UploadsTable;
  manifests: ManifestsTable;
  manifest_blobs: ManifestBlobsTable;
  manifest_children: ManifestChildrenTable;
  tags: TagsTable;
  layer_indexes: LayerIndexesTable;
  squash_plans: SquashPlansTable;
  squashed_images: SquashedImagesTable;
  squashed_indexes: SquashedIndexesTable;
  events: EventsTable;
  jobs: JobsTable;
  leases: LeasesTable;
  collections: CollectionsTable;
  sessions: SessionsTable;
  mail_codes: MailCodesTable;
  team_invitations: TeamInvitationsTable;
  team_syncs: TeamSyncsTable;
  prototypes: PrototypesTable;
  oauth_applications: OauthApplicationsTable;
  oauth_codes: OauthCodesTable;
  oauth_assignments: OauthAssignmentsTable;
  external_logins: ExternalLoginsTable;
  robot_federations: RobotFederationsTable;
  messages: MessagesTable;
  notifications: NotificationsTable;
  repository_terms: RepositoryTermsTable;
  stars: StarsTable;
  manifest_labels: ManifestLabelsTable;
  policies: PoliciesTable;
  tag_pulls: TagPullsTable;
  manifest_pulls: ManifestPullsTable;
  pull_days: PullDaysTable;
  quotas: QuotasTable;
  quota_limits: QuotaLimitsTable;
  namespace_usage: UsageOf<"namespace_id"> & {
    /** Of blobs that came since it was measured; only counted while there is a quota. */
    added_bytes: ColumnType<number, number | undefined, number>;
  };
  repository_usage: UsageOf<"repository_id">;
  audit_log: AuditLogTable;
  audit_days: AuditDaysTable;
}

type Role = "read" | "write" | "admin";
/** Set once, when the row is inserted. */
type Fixed<T> = ColumnType<T, T, never>;
/** Null where it is left out. */
type Optional<T> = ColumnType<T | null, T | null | undefined, T | null>;
/** 0 where it is left out. */
type Flag = ColumnType<number, number | undefined, number>;

/** Users, organizations and robots share one space of names. A robot is `namespace+short`. */
interface AccountsTable {
  id: Generated<number>;
  kind: "user" | "organization" | "robot";
  name: string;
  /** The owner of a robot. */
  namespace_id: number | null;
  email: string | null;
  /** PHC string; users only. */
  password_hash: string | null;
  enabled: number;
  superuser: number;
  description: string;
  /** How long a tag can be taken back, in milliseconds; null: the registry's default. */
  tag_expiration: number | null;
  created_at: Fixed<number>;
  /** Address in lower case; unique, so that it can be used to recover the account. */
  email_key: Optional<string>;
  /** 0: the e-mail address was not confirmed yet, and the configuration asks for it. */
  verified: ColumnType<number, number | undefined, number>;
  /** JSON object: `given_name`, `family_name`, `company`, `location`. */
  profile: Optional<string>;
  /** JSON object of a robot, for the automation that made it (Quay's `unstructured_metadata`). */
  metadata: Optional<string>;
  /** Exact to the hour. */
  last_used_at: Optional<number>;
  /** A robot is worth nothing after this. */
  expires_at: Optional<number>;
}

/** Secrets that the registry made itself: long and random, so a plain SHA-256 is kept. Several may be valid at once. */
interface CredentialsTable {
  id: Generated<number>;
  /**
   * `robot`: token of a robot. `federation`: one that was exchanged for a token of a CI. `application`: user `$app`.
   * `oauth`: user `$oauthtoken`. `repository`: user `$token`.
   */
  kind: Fixed<"robot" | "federation" | "application" | "oauth" | "repository">;
  /** On whose behalf; null for `repository`. */
  account_id: number | null;
  /** For `repository`: what it opens, and how far. */
  repository_id: number | null;
  role: Role | null;
  title: string;
  /** SHA-256 of the secret as lower-case hex; unique. */
  secret_hash: string;
  created_at: Fixed<number>;
  expires_at: number | null;
  last_used_at: number | null;
  /** Names it in URLs. */
  uuid: Fixed<string>;
  /** Of an OAuth application; its tokens go with it. */
  application_id: Optional<number>;
  /** Space-separated scopes of an `oauth` token; null: all that its account may. */
  scopes: Optional<string>;
  /** JSON list of full repository names that it is restricted to; null: all. */
  repositories: Optional<string>;
  /** The secret itself, encrypted (`accounts/sealed-secrets.ts`), where it may be shown again. */
  sealed: Optional<string>;
  /** Name of who made it. */
  created_by: Optional<string>;
  /** Address of the last use. */
  last_used_from: Optional<string>;
}

interface TeamsTable {
  id: Generated<number>;
  organization_id: number;
  name: string;
  /** `owners` is the team with the role admin that every organization begins with. */
  role: "member" | "creator" | "admin";
  description: string;
}

interface TeamMembersTable {
  team_id: number;
  account_id: number;
}

interface RepositoriesTable {
  id: Generated<number>;
  namespace_id: number;
  /** Full name, such as `team/app` or `team/app/worker`; unique. */
  name: string;
  visibility: "private" | "public";
  state: "normal" | "read-only";
  description: string;
  /** 1: squashed images are made when an image is pushed. */
  squash_at_push: number;
  /** How the layer of a squashed image is pulled. */
  squash_compression: "none" | "gzip" | "zstd";
  created_at: Fixed<number>;
  /** Deleted, and to be collected when its grace period is over. Its name then is one that no client can send. */
  deleted_at: Optional<number>;
  deleted_by: Optional<string>;
  /** What it was called; null for one that is deleted: it is being taken apart, and cannot be restored any more. */
  deleted_name: Optional<string>;
  /** Last push, written soon after it; 0: never. */
  pushed_at: ColumnType<number, number | undefined, number>;
}

interface RepositoryPermissionsTable {
  repository_id: number;
  /** A user or robot. */
  account_id: number;
  role: Role;
}

interface RepositoryTeamPermissionsTable {
  repository_id: number;
  team_id: number;
  role: Role;
}

/** Keys that sign tokens (ES256). */
interface SigningKeysTable {
  kid: string;
  private_jwk: string;
  public_jwk: string;
  created_at: Fixed<number>;
  /** Signs until then. */
  signs_until: number;
  /** Its signatures are accepted until then; later the row goes. */
  expires_at: number;
}

/** Values made once and shared by all replicas, such as the key of upload ids. */
interface SettingsTable {
  key: string;
  value: string;
}

/** Stored content, once for the whole registry. */
interface BlobsTable {
  digest: string;
  size: number;
  /** Where it lies in the blob store. A digest that is stored again after a collection gets another key. */
  key: string;
  /** `deleting`: collection has decided; nothing may refer to it any more. */
  state: "live" | "deleting";
  created_at: number;
  touched_at: number;
}

/** Which repository has which blob: the truth about access. */
interface RepositoryBlobsTable {
  repository_id: number;
  digest: string;
  /** Deleted by its digest: not served, but kept as long as a manifest that can be taken back refers to it. */
  deleted_at: number | null;
  touched_at: number;
}

/** Upload sessions that have stored bytes; before the first byte a session is only its signed id. */
interface UploadsTable {
  id: string;
  repository_id: number;
  /** Bytes stored durably. */
  size: number;
  /** What the blob store needs to go on (its own JSON). */
  state: string;
  /** `ended`: committed or cancelled; kept for a while so that the id cannot be used again. */
  status: "open" | "ended";
  created_at: Fixed<number>;
  touched_at: number;
}

interface ManifestsTable {
  repository_id: number;
  digest: string;
  media_type: string;
  /** `artifactType`, or the config's media type where there is none (distribution-spec, referrers). */
  artifact_type: string | null;
  subject_digest: string | null;
  /** JSON object of strings, for the list of referrers. */
  annotations: string | null;
  /** Byte for byte as pushed. */
  content: Uint8Array;
  size: number;
  /** `index`: has children. `image`: a config and layers. */
  kind: "image" | "index";
  /** Sum of the sizes of config and layers, or of what is known of the children, as their descriptors say. */
  total_size: number;
  created_at: Fixed<number>;
  /** Deleted by its digest: not served, but kept as long as a tag can be taken back to it. */
  deleted_at: number | null;
  touched_at: number;
  /** `os/architecture[/variant]` of an image, from its config; null: not read yet, or it says none. */
  platform: Optional<string>;
  config_digest: Optional<string>;
  /** When config and labels were read (job `manifest.describe`). */
  described_at: Optional<number>;
}

interface ManifestBlobsTable {
  repository_id: number;
  manifest_digest: string;
  blob_digest: string;
}

interface ManifestChildrenTable {
  repository_id: number;
  manifest_digest: string;
  child_digest: string;
}

/** A tag's history is its intervals; the open one (`ended_at` null) is what the tag points to now. */
interface TagsTable {
  id: Generated<number>;
  repository_id: number;
  name: string;
  manifest_digest: string;
  started_at: Fixed<number>;
  ended_at: number | null;
  /** Name of who pushed. */
  started_by: string | null;
  /** The open interval ends by itself then; from that time on the tag is not served. */
  expires_at: Optional<number>;
  /** 1: nobody moves, deletes or expires it. */
  immutable: Flag;
  /** 1: it was taken back to an earlier image. */
  reversion: Flag;
  /** Of config and layers; of an index: of all its images together. As it was when the interval began. */
  size: ColumnType<number, number | undefined, number>;
  ended_by: Optional<string>;
  end_kind: Optional<"moved" | "deleted" | "expired" | "pruned">;
}

/** Layers that were read: their index is an object in the blob store (`storage/object-keys.ts`). */
interface LayerIndexesTable {
  digest: string;
  /** Of the format of the index; another one is made anew. */
  version: number;
  /** `refused`: the layer cannot be squashed, `reason` says why. */
  state: "ready" | "refused";
  diff_id: string | null;
  /** Length of the uncompressed tar. */
  size: number | null;
  reason: string | null;
  created_at: number;
}

/**
 * How squashed layers are made, so that the first byte of one needs no layer index. A plan depends on the layers alone,
 * so many images share one. It can be made again, and goes when nobody has used it for a while.
 */
interface SquashPlansTable {
  /** SHA-256 of the digests of all layers (`squash/layer-stack-id.ts`). */
  layers_id: string;
  /** Layers at the bottom that stay. */
  keep: number;
  /** Of flattener and format; what another version has written is made again. */
  version: string;
  plan: Uint8Array;
  /** JSON list: `{ "size", "diffId" }` of the uncompressed layers, lowest first. */
  layers: string;
  used_at: number;
}

/** Squashed images whose digests are known; their layers are made from the plan when they are asked for. */
interface SquashedImagesTable {
  id: Generated<number>;
  /** Manifest of one platform. Who may read it in a repository may read what is made of it. */
  source_digest: string;
  /** Of the flattener; another version makes other bytes. */
  version: number;
  /** Layers at the bottom that stay. */
  keep: number;
  compression: "none" | "gzip" | "zstd";
  manifest_digest: string;
  manifest: Uint8Array;
  config_digest: string;
  config: Uint8Array;
  layer_digest: string;
  layer_size: number;
  diff_id: string;
  /** Length of the uncompressed layer. */
  tar_size: number;
  created_at: number;
  touched_at: number;
}

/** Indexes of squashed images of several platforms. */
interface SquashedIndexesTable {
  /** Digest of `manifest`; several sources can come to the same one, so the key is both. */
  digest: string;
  /** The index it was made of; who may read that may read this. */
  source_digest: string;
  manifest: Uint8Array;
  created_at: number;
  touched_at: number;
}

/** The outbox: what happened, written with the change itself. Dispatching turns it into jobs and deletes it. */
interface EventsTable {
  id: Generated<number>;
  kind: string;
  payload: string;
  created_at: number;
}

interface JobsTable {
  id: Generated<number>;
  kind: string;
  /** A second job of the same kind and key is not added while one waits. */
  key: string;
  payload: string;
  state: "ready" | "running" | "dead";
  run_at: number;
  attempts: number;
  lease_until: number | null;
  owner: string | null;
  last_error: string | null;
  created_at: number;
}

/** Work that only one process does at a time. */
interface LeasesTable {
  name: string;
  owner: string;
  until: number;
}

/** Reports of collections. */
interface CollectionsTable {
  id: Generated<number>;
  started_at: number;
  finished_at: number;
  report: string;
}

/** Browsers that are signed in. */
interface SessionsTable {
  /** SHA-256 of the cookie's value as lower-case hex. */
  id_hash: string;
  /** Names it for its owner, who may end it. */
  uuid: Fixed<string>;
  account_id: Fixed<number>;
  created_at: Fixed<number>;
  /** Exact to some minutes. */
  seen_at: number;
  expires_at: number;
  /** When the owner last showed who they are. */
  fresh_at: number;
  /** Id of the OIDC or LDAP service that vouched for them; null: a password of ours. */
  service: Fixed<string | null>;
  address: string | null;
  user_agent: string | null;
}

/** Codes sent by mail. */
interface MailCodesTable {
  code_hash: string;
  kind: Fixed<"verify" | "recover" | "change-email">;
  account_id: Fixed<number>;
  /** The new address, for `change-email`. */
  email: Fixed<string | null>;
  created_at: Fixed<number>;
  expires_at: Fixed<number>;
}

interface TeamInvitationsTable {
  id: Generated<number>;
  team_id: Fixed<number>;
  /** Who is invited: a user, or whoever reads mail at an address. */
  account_id: Fixed<number | null>;
  email: Fixed<string | null>;
  /** Of the code that was sent last. */
  code_hash: string;
  invited_by: Fixed<string | null>;
  created_at: Fixed<number>;
  expires_at: number;
}

/** Teams whose members are those of a group elsewhere. */
interface TeamSyncsTable {
  team_id: number;
  /** Id of the OIDC service, or `ldap`. */
  service: string;
  group_name: string;
  synced_at: number | null;
  last_error: string | null;
}

/** Default permissions: what new repositories of an organization begin with. */
interface PrototypesTable {
  /** UUID. */
  id: string;
  organization_id: Fixed<number>;
  /** Only for repositories that this user or robot creates; null: whoever does. */
  activating_account_id: Fixed<number | null>;
  /** Who gets the role: a user or robot, or a team. */
  delegate_account_id: Fixed<number | null>;
  delegate_team_id: Fixed<number | null>;
  role: Role;
  created_at: Fixed<number>;
}

interface OauthApplicationsTable {
  id: Generated<number>;
  organization_id: Fixed<number>;
  client_id: Fixed<string>;
  /** SHA-256 of the client secret as lower-case hex. */
  secret_hash: string;
  /** The client secret itself, encrypted (`accounts/sealed-secrets.ts`). */
  sealed: string;
  name: string;
  description: string;
  application_uri: string;
  redirect_uri: string;
  avatar_email: string | null;
  created_at: Fixed<number>;
}

/** Authorization codes (RFC 6749, 4.1); those that were redeemed stay for a day, so that a second try is noticed. */
interface OauthCodesTable {
  code_hash: string;
  application_id: number;
  account_id: number;
  scopes: string;
  repositories: string | null;
  redirect_uri: string;
  /** PKCE, method S256 (RFC 7636). */
  challenge: string | null;
  expires_at: number;
  /** Of the credential that was made of it; null: it was not redeemed yet. */
  token_uuid: Optional<string>;
}

/** Tokens that an organization's admin has prepared for a user to accept. */
interface OauthAssignmentsTable {
  uuid: string;
  application_id: number;
  account_id: number;
  scopes: string;
  repositories: string | null;
  redirect_uri: string;
  response_type: string;
  created_at: number;
}

interface ExternalLoginsTable {
  /** Id of the OIDC service, or `ldap`. */
  service: string;
  /** `sub` of the ID token, or the unique attribute of the directory entry. */
  subject: string;
  account_id: number;
  /** As the service names the user. */
  name: string | null;
  email: string | null;
  created_at: Fixed<number>;
  /** Since when the directory no longer has the user, who was disabled for it. */
  missing_since: Optional<number>;
}

/** Whose tokens are taken in place of a robot's. */
interface RobotFederationsTable {
  id: Generated<number>;
  robot_id: number;
  issuer: string;
  subject: string;
  audience: string | null;
}

/** Messages of the day. */
interface MessagesTable {
  uuid: string;
  content: string;
  media_type: "text/plain" | "text/markdown";
  severity: "info" | "warning" | "error";
  created_at: Fixed<number>;
}

/** What waits behind a user's bell. */
interface NotificationsTable {
  uuid: string;
  account_id: number;
  kind: Fixed<string>;
  /** JSON object. */
  metadata: Fixed<string>;
  /** What it is about, such as `invitation:12`, so that it can be withdrawn. */
  about: Fixed<string | null>;
  dismissed: Flag;
  created_at: Fixed<number>;
}

/** What repositories are found by: each end of their name, and the words of their description, in lower case. */
interface RepositoryTermsTable {
  term: string;
  repository_id: number;
}

interface StarsTable {
  account_id: number;
  repository_id: number;
  created_at: number;
}

interface ManifestLabelsTable {
  uuid: string;
  repository_id: number;
  manifest_digest: string;
  key: string;
  value: string;
  media_type: string;
  /** `manifest`: a label of its config or an annotation. `api`: added later. `internal`: the registry's own. */
  source: "manifest" | "api" | "internal";
  created_at: number;
}

/** Of a namespace or of a repository. */
interface PoliciesTable {
  uuid: string;
  kind: Fixed<"autoprune" | "immutability">;
  namespace_id: Fixed<number | null>;
  repository_id: Fixed<number | null>;
  /** Of `autoprune`. */
  method: "number_of_tags" | "creation_date" | null;
  /** A number of tags, or an age such as `7d`. */
  value: string | null;
  tag_pattern: string | null;
  /** 1: tags that match; 0: those that do not. */
  tag_pattern_matches: number;
  created_at: Fixed<number>;
}

/** Statistics, written in batches: those of the last seconds before a crash may be missing. */
interface TagPullsTable {
  repository_id: number;
  name: string;
  pulls: number;
  last_pulled_at: number;
}

interface ManifestPullsTable {
  repository_id: number;
  digest: string;
  pulls: number;
  last_pulled_at: number;
}

interface PullDaysTable {
  repository_id: number;
  /** Days since 1970-01-01 UTC. */
  day: number;
  pulls: number;
}

interface QuotasTable {
  id: Generated<number>;
  namespace_id: number;
  limit_bytes: number;
  created_at: Fixed<number>;
}

interface QuotaLimitsTable {
  id: Generated<number>;
  quota_id: number;
  type: "Warning" | "Reject";
  percent: number;
}

/** Distinct blobs, as last measured. */
type UsageOf<Owner extends string> = { [Key in Owner]: number } & {
  /** Of what can be pulled. */
  bytes: number;
  /** Of what is only kept because it can be taken back. */
  pending_bytes: number;
  measured_at: number;
};

/** What was done. The names are those of the time; ids tell what they belong to, as long as it is there. */
interface AuditLogTable {
  id: Generated<number>;
  at: number;
  /** Quay's kinds, such as `create_repo`. */
  kind: string;
  namespace_id: number | null;
  namespace: string | null;
  repository_id: number | null;
  repository: string | null;
  performer_id: number | null;
  performer: string | null;
  performer_kind: "user" | "robot" | "token" | "operator" | "anonymous" | "registry";
  /** What was shown: `password`, `session`, or kind and title of a secret. */
  via: string | null;
  address: string | null;
  user_agent: string | null;
  /** JSON object. */
  metadata: string;
}

/**
 * Entries of the log counted, once for each list that shows them: that of the registry (0, 0), of a namespace (id, 0) and
 * of a repository (id, id), each for everybody (`''`) and for a performer.
 */
interface AuditDaysTable {
  /** Days since 1970-01-01 UTC. */
  day: number;
  namespace_id: number;
  repository_id: number;
  performer: string;
  kind: string;
  /** A pull that was made several times counts as often. */
  entries: number;
}
