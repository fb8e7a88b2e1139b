import { digestOf } from "../document/digest.ts";
import type { Digest } from "../document/digest.ts";
import { packPlan } from "../flatten/packed-plan.ts";
import type { PackedPlan } from "../flatten/packed-plan.ts";
import { ImageError } from "../image-error.ts";
import { decodeLayerIndex } from "../layer/layer-index-file.ts";
import type { LayerIndex } from "../layer/layer-index.ts";
import { DEFAULT_LIMITS } from "../limits.ts";
import type { Limits } from "../limits.ts";
import type { ImageThreads } from "../threads/image-threads.ts";
import { squashConfig } from "./squash-config.ts";
import type { ConfigChange } from "./squash-config.ts";
import { squashLayers } from "./squash-layers.ts";
import type { SquashOptions } from "./squash-layers.ts";
import type { SquashReport } from "./squash-report.ts";

/** Takes the place of a diffID while only lengths count. */
const ANY_DIGEST = digestOf(new Uint8Array());

/** An image whose layers were indexed when they were stored. */
export interface StoredImage<Index = LayerIndex> {
  /** Bytes of its config. */
  readonly config: Uint8Array;
  /** Of all layers, lowest first. */
  readonly indexes: readonly Index[];
}

/** A layer of a squashed image. */
export interface StoredSquashLayer {
  /** Number of the layer of the source that it is, counted from 0; undefined for the squashed one. */
  readonly kept: number | undefined;
  /** Exact length of the uncompressed tar in bytes. */
  readonly size: number;
  /** Undefined for the squashed one: it is known when the layer has been made. */
  readonly diffId: Digest | undefined;
}

/** A stored image, ready to be squashed. */
export interface ReadySquash {
  /** Of the squashed layer; undefined when all layers stay. */
  readonly plan: PackedPlan | undefined;
  /** Of the result, lowest first. */
  readonly layers: readonly StoredSquashLayer[];
  /** Which layers become one. */
  readonly change: ConfigChange;
  /** Exact length of the squashed layer in bytes; 0 when there is none. */
  readonly size: number;
  /** @param diffIds of all {@link ReadySquash.layers} */
  readonly configFor: (diffIds: readonly Digest[]) => Uint8Array;
  /** Length of the config in bytes; the squashed layer's digest is a sha256. */
  readonly configLength: number;
}

/** The same with the numbers behind it. */
export interface StoredSquash extends ReadySquash {
  readonly report: SquashReport;
}

/** What planning comes to, in plain data. */
export interface PlannedSquash {
  readonly plan: PackedPlan | undefined;
  readonly sources: readonly SourceLayer[];
  readonly change: ConfigChange;
  readonly report: SquashReport;
}

/** What is known of a layer without its index. */
export interface SourceLayer {
  /** Uncompressed bytes. */
  readonly size: number;
  readonly diffId: Digest;
}

/** What can be asked of a thread, too. */
export type StoredSquashOptions = Omit<SquashOptions, "dropXattr"> & {
  readonly limits?: Limits | undefined;
};

/**
 * Squashes an image whose layers are indexed, without its layers: `writeSquashedLayer` makes the bytes.
 *
 * @throws {ImageError} `damaged` when an entry has no meaning, `limit`, or `invalid-request` for a range of layers that
 *   is none
 */
export function squashStoredImage(
  image: StoredImage,
  options: StoredSquashOptions = {},
): StoredSquash {
  return withReport(image.config, planSquash(image, options));
}

/**
 * The same from indexes as `encodeLayerIndex` has made them. With threads the calling one only waits.
 *
 * @throws {ImageError} as {@link squashStoredImage}, or `unsupported` for an index of another version
 */
export async function squashIndexFiles(
  image: StoredImage<Uint8Array>,
  {
    threads,
    signal,
    ...options
  }: StoredSquashOptions & {
    readonly threads?: ImageThreads | undefined;
    readonly signal?: AbortSignal | undefined;
  } = {},
): Promise<StoredSquash> {
  const { config } = image;
  if (threads === undefined) return withReport(config, planIndexFiles(image, options));
  // Copies of their own size: a view takes all of its buffer to the thread.
  const own = {
    config: new Uint8Array(config),
    indexes: image.indexes.map((bytes) => new Uint8Array(bytes)),
  };
  return withReport(config, await threads.run("plan", { image: own, options }, { signal }));
}

/**
 * The same from a stored plan, without any index.
 *
 * @param image its config, and all of its layers, lowest first
 * @param plan made with the same options
 */
export function squashFromPlan(
  { config, layers }: { readonly config: Uint8Array; readonly layers: readonly SourceLayer[] },
  plan: PackedPlan,
  { keep = 0, to = layers.length, history = "keep" }: StoredSquashOptions = {},
): ReadySquash {
  return ready(config, plan, layers, { layers: layers.length, keep, to, history });
}

/** What a thread does of {@link squashIndexFiles}. */
export function planIndexFiles(
  { config, indexes }: StoredImage<Uint8Array>,
  options: StoredSquashOptions,
): PlannedSquash {
  const decoded = indexes.map((bytes) => decodeLayerIndex(bytes, options.limits));
  return planSquash({ config, indexes: decoded }, options);
}

function planSquash({ config, indexes }: StoredImage, options: StoredSquashOptions): PlannedSquash {
  const { imageEntries } = options.limits ?? DEFAULT_LIMITS;
  const entries = indexes.reduce((sum, { table }) => sum + table.count, 0);
  if (entries > imageEntries)
    throw new ImageError("limit", `the image has ${entries} entries, allowed are ${imageEntries}`);
  const { plan, change, report } = squashLayers(config, indexes, options);
  return {
    plan: plan && packPlan(plan, indexes),
    sources: indexes.map(({ size, diffId }) => ({ size, diffId })),
    change,
    report,
  };
}

function withReport(config: Uint8Array, planned: PlannedSquash): StoredSquash {
  const { plan, sources, change, report } = planned;
  return { ...ready(config, plan, sources, change), report };
}

function ready(
  config: Uint8Array,
  plan: PackedPlan | undefined,
  sources: readonly SourceLayer[],
  change: ConfigChange,
): ReadySquash {
  const all = sources.map(({ size, diffId }, kept): StoredSquashLayer => ({ kept, size, diffId }));
  const layers = [
    ...all.slice(0, change.keep),
    ...(plan === undefined ? [] : [{ kept: undefined, size: plan.size, diffId: undefined }]),
    ...all.slice(change.to),
  ];
  const configFor = (diffIds: readonly Digest[]): Uint8Array =>
    plan === undefined ? config : squashConfig(config, diffIds, change);
  const { length } = configFor(layers.map(({ diffId }) => diffId ?? ANY_DIGEST));
  return { plan, layers, change, size: plan?.size ?? 0, configFor, configLength: length };
}
