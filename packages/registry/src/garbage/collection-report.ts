/** What collection takes. */
export const KINDS = Object.freeze([
  "repositories",
  "tags",
  "manifests",
  "links",
  "squashedImages",
  "squashedIndexes",
  "blobs",
  "layerIndexes",
  "uploads",
  "endedUploads",
  "uploadLeftovers",
  "orphanedBlobs",
  "orphanedIndexes",
  "signingKeys",
  "credentials",
  "sessions",
  "mailCodes",
  "notifications",
  "invitations",
  "deadJobs",
  "plans",
  "reports",
] as const);

/**
 * - `repositories`: deleted ones that can no longer be restored, with everything they had
 * - `tags`: intervals of tags that can no longer be taken back
 * - `links`: blobs that a repository has, but none of its manifests needs
 * - `blobs`: blobs that no repository has
 * - `layerIndexes`: indexes of layers that are no longer stored
 * - `uploads`: sessions that nobody continues; `endedUploads`: remembered ends of sessions
 * - `uploadLeftovers`, `orphanedBlobs`, `orphanedIndexes`: what lies in the blob store and no row tells of
 */
export type CollectedKind = (typeof KINDS)[number];

/** One thing that was taken, or would be. */
export interface CollectedItem {
  readonly kind: CollectedKind;
  /** Full name of the repository it belongs to. */
  readonly repository?: string;
  readonly tag?: string;
  readonly digest?: string;
  /** Key or id, where there is no digest. */
  readonly name?: string;
  /** Bytes in the blob store; 0 for what lies in the database alone. */
  readonly bytes: number;
}

export interface CollectedCount {
  readonly count: number;
  /** In the blob store. */
  readonly bytes: number;
}

export interface CollectionError {
  readonly kind: CollectedKind;
  /** Digest, key or id of what could not be taken; undefined: the search itself broke off. */
  readonly item?: string;
  readonly message: string;
}

/** What a collection did; of a dry run: what one would do now. JSON as it is. Times in milliseconds since 1970. */
export interface CollectionReport {
  readonly dryRun: boolean;
  readonly startedAt: number;
  readonly finishedAt: number;
  /** False: it was stopped, or a search broke off; the next one goes on. */
  readonly complete: boolean;
  readonly taken: Readonly<Record<CollectedKind, CollectedCount>>;
  /** Of the blob store, given back. */
  readonly bytes: number;
  readonly errors: {
    readonly count: number;
    /** The first ones. */
    readonly first: readonly CollectionError[];
  };
}
