import { ImageError } from "../image-error.ts";
import { JsonObject } from "../document/json-object.ts";
import type { Limits } from "../limits.ts";
import { quote } from "../document/quote.ts";
import type { ArchiveFiles } from "./archive-files.ts";

/** One layer of the old layout: its `json`, read once. */
export interface V1Layer {
  readonly id: string;
  readonly json: JsonObject;
  readonly parent: string | undefined;
}

/** The layers of an archive of Docker up to 1.9, by their ids. */
export class V1Layers {
  readonly #files: ArchiveFiles;
  readonly #limits: Limits;
  readonly #layers = new Map<string, V1Layer>();

  constructor(files: ArchiveFiles, limits: Limits) {
    this.#files = files;
    this.#limits = limits;
  }

  async get(id: string): Promise<V1Layer> {
    const known = this.#layers.get(id);
    if (known !== undefined) return known;
    const name = `${id}/json`;
    const bytes = await this.#files.read(name, this.#limits.jsonBytes);
    if (bytes === undefined)
      throw new ImageError("damaged", `${quote(name)} is missing from the archive`);
    const json = JsonObject.parse(bytes, quote(name), this.#limits);
    const parent = json.string("parent");
    const layer = { id, json, parent: parent === "" ? undefined : parent };
    this.#layers.set(id, layer);
    return layer;
  }

  /** From the lowest layer to the given one. */
  async chain(top: string): Promise<V1Layer[]> {
    const chain: V1Layer[] = [];
    const seen = new Set<string>();
    for (let id: string | undefined = top; id !== undefined;) {
      if (seen.has(id))
        throw new ImageError("damaged", `the parents of layer ${quote(top)} go in a circle`);
      if (chain.length >= this.#limits.layers) {
        throw new ImageError(
          "limit",
          `layer ${quote(top)} has more than ${this.#limits.layers} parents`,
        );
      }
      seen.add(id);
      const layer: V1Layer = await this.get(id);
      chain.push(layer);
      id = layer.parent;
    }
    return chain.toReversed();
  }
}
