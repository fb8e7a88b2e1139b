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
}

type Role = "read" | "write" | "admin";
/** Set once, when the row is inserted. */
type Fixed<T> = ColumnType<T, T, never>;

/** Users, organizations and robots share one space of names. A robot is `namespace+short`. */
interface AccountsTable {
  id: Generated<number>;
  kind: Fixed<"user" | "organization" | "robot">;
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
}

/** Secrets that the registry made itself: long and random, so a plain SHA-256 is kept. Several may be valid at once. */
interface CredentialsTable {
  id: Generated<number>;
  /** `robot`: token of a robot. `application`: user `$app`. `oauth`: user `$oauthtoken`. `repository`: user `$token`. */
  kind: Fixed<"robot" | "application" | "oauth" | "repository">;
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
