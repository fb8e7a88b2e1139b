import type { Exchange } from "../http/exchange.ts";
import type { StoredManifest } from "../repositories/manifest-store.ts";

/** One image that was asked for. */
export interface Wanted {
  /** The tag, or the first 12 hex digits of the digest. */
  readonly label: string;
  readonly manifest: StoredManifest;
  /** It was asked for by `label`, not by a digest. */
  readonly isTag: boolean;
}

/** Host and port under which the client knows the registry: what images are called when they are loaded. */
export function hostOf({ origin }: Exchange): string {
  return origin.slice(origin.indexOf("://") + "://".length);
}
