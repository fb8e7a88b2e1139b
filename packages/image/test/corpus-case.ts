import type { Digest } from "../src/document/digest.ts";
import type { ImageErrorCode } from "../src/image-error.ts";
import type { Limits } from "../src/limits.ts";
import type { ExpectedTree } from "./expected.ts";
import type { LayerPart } from "./tar-builder.ts";

/** One small image, and what `docs/layer-rules.md` makes of it. Expectations are written by hand, never computed. */
export interface CorpusCase {
  /** A number in brackets is that of the tiny images which the rules were researched with. */
  readonly name: string;
  /** Rule in `docs/layer-rules.md`. */
  readonly rule: number;
  /** Lowest first. */
  readonly layers: readonly CorpusLayer[];
  /** What the squashed image shows; absent when `error` is expected. */
  readonly tree?: ExpectedTree;
  /** Expected rules of the warnings, each once, in ascending order. Default: none. */
  readonly warnings?: readonly number[];
  readonly error?: ExpectedError;
  /** Part of the image to squash; default all of it. */
  readonly keep?: number;
  readonly to?: number;
  /** Partial squash: the names the squashed layer must hold, sorted, directories without their slash. */
  readonly entries?: readonly string[];
  readonly limits?: Partial<Limits>;
  readonly dropXattr?: (name: string) => boolean;
}

/** Entries of a layer, or its stored bytes. */
export type CorpusLayer = readonly LayerPart[] | StoredLayer;

export interface StoredLayer {
  /** As stored, compressed or not. */
  readonly blob: Buffer;
  /** The tar in it, when there is one. */
  readonly tar?: Buffer;
  readonly mediaType?: string;
  /** Untrue statements of the manifest and config. */
  readonly digest?: Digest;
  readonly diffId?: Digest;
  readonly size?: number;
}

export interface ExpectedError {
  readonly code: ImageErrorCode;
  /** Texts that the message must hold, such as the path. */
  readonly mentions?: readonly string[];
  readonly layer?: number;
}
