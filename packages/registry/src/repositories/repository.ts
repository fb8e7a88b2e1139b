/** A repository as everybody else needs it. */
export interface Repository {
  readonly id: number;
  /** Full name, such as `team/app/worker`. */
  readonly name: string;
  readonly namespaceId: number;
  /** First component of the name. */
  readonly namespace: string;
  readonly visibility: "private" | "public";
  readonly state: "normal" | "read-only";
  readonly squashAtPush: boolean;
  readonly squashCompression: "none" | "gzip" | "zstd";
}
