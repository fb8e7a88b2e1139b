import type { Digest } from "@wharf/image";
import type { Principal } from "../accounts/principal.ts";
import type { Repository } from "../repositories/repository.ts";

/** One pull: a manifest that a client was given, or a download of an image in another shape. */
export interface Pull {
  /** Milliseconds since 1970. */
  readonly at: number;
  /** Quay's kinds in the audit log. */
  readonly kind: "pull_repo" | "repo_verb";
  readonly repository: Repository;
  /** Undefined: by digest, and no tag was asked for before. */
  readonly tag: string | undefined;
  /** Of the manifest; of the source where it was squashed. */
  readonly digest: Digest;
  readonly principal: Principal;
  /** Of the client. */
  readonly address: string;
  readonly userAgent: string | undefined;
  /** Of `repo_verb`. */
  readonly verb?: "squash" | "archive" | "rootfs";
}

/** Hears of every pull while it is answered: must neither wait nor throw. */
export interface PullListener {
  pulled(pull: Pull): void;
}
