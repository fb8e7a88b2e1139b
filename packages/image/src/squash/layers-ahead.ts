import type { ByteSource } from "../source/byte-source.ts";
import { AheadReader } from "./ahead-reader.ts";
import type { AheadState } from "./ahead-reader.ts";
import { Bell } from "./bell.ts";
import type { NeededLayer } from "./needed-ranges.ts";
import type { RangeReader } from "./range-reader.ts";

/**
 * Layers read at the same time: the one that is written and the next two. Decoders work in the pool of libuv, and each
 * waits for the calling thread after every piece, so it takes three to keep two cores busy.
 */
const AT_ONCE = 3;
/** Bytes held of the layer that is being written, even when later ones take up all room. */
const OWN = 2 * 2 ** 20;
/** Bytes of later layers that are held until their turn comes. */
const AHEAD = 32 * 2 ** 20;

/** Reads the needed layers of an image one behind the other and, as far as memory allows, ahead. */
export class LayersAhead implements AsyncDisposable {
  readonly #readers = new Map<number, AheadReader>();
  readonly #lanes: readonly Promise<void>[];
  readonly #closed = new AbortController();
  readonly #signal: AbortSignal;
  readonly #bell = new Bell();
  #held = 0;
  #current = -1;

  /** @param blobs the stored bytes of all layers, lowest first; only those needed are looked at */
  constructor(
    needed: readonly NeededLayer[],
    blobs: readonly (ByteSource | undefined)[],
    signal: AbortSignal | undefined,
  ) {
    const state: AheadState = {
      bell: this.#bell,
      hasRoom: (layer, held) => this.#held < AHEAD || (layer <= this.#current && held < OWN),
      onHeld: (bytes) => void (this.#held += bytes),
    };
    for (const layer of needed) {
      const blob = blobs[layer.layer];
      if (blob === undefined) throw new RangeError(`no layer ${layer.layer}`);
      this.#readers.set(layer.layer, new AheadReader(blob, layer, state));
    }
    this.#signal = AbortSignal.any([
      this.#closed.signal,
      ...(signal === undefined ? [] : [signal]),
    ]);
    this.#signal.addEventListener("abort", () => this.#bell.ring(), { once: true });
    const waiting = this.#readers.values();
    this.#lanes = Array.from({ length: AT_ONCE }, () => this.#readOn(waiting));
  }

  /** Layers are asked for in ascending order. */
  async readerOf(layer: number): Promise<Pick<RangeReader, "read">> {
    const reader = this.#readers.get(layer);
    if (reader === undefined) throw new RangeError(`layer ${layer} was not said to be needed`);
    this.#current = layer;
    this.#bell.ring();
    return reader;
  }

  /** One layer behind the other. The lower ones are taken first, so the current one is always among those that run. */
  async #readOn(waiting: Iterable<AheadReader>): Promise<void> {
    for (const reader of waiting) await reader.run(this.#signal);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed.abort(new Error("the transfer has ended"));
    await Promise.all(this.#lanes);
  }
}
