import { ImageError } from "../image-error.ts";
import type { JsonObject } from "../document/json-object.ts";

/** Fields of a v1 `json` that say something about the layer and nothing about the image. */
const LAYER_FIELDS: ReadonlySet<string> = new Set([
  "id",
  "parent",
  "parent_id",
  "layer_id",
  "Size",
  "throwaway",
]);

/**
 * Makes an image config (image-spec `config.md`) from the `json` files of the layers, lowest first, as Docker did
 * when it moved old images over: the uppermost one tells about the image, each one is a step of the history.
 * `rootfs.diff_ids` is empty, because diffIDs are known only when the layers have been read.
 */
export function configFromV1(layers: readonly JsonObject[]): Record<string, unknown> {
  const top = layers.at(-1);
  if (top === undefined) throw new ImageError("damaged", "the image has no layer");
  const kept = Object.entries(top.fields).filter(([key]) => !LAYER_FIELDS.has(key));
  return {
    architecture: "amd64",
    os: "linux",
    ...Object.fromEntries(kept),
    history: layers.map(historyEntry),
    rootfs: { type: "layers", diff_ids: [] },
  };
}

function historyEntry(layer: JsonObject): Record<string, string> {
  const command = layer.object("container_config")?.strings("Cmd") ?? [];
  const entry = {
    created: layer.string("created"),
    author: layer.string("author"),
    created_by: command.join(" "),
    comment: layer.string("comment"),
  };
  return Object.fromEntries(
    Object.entries(entry).flatMap(([key, value]) =>
      value === undefined || value === "" ? [] : [[key, value]],
    ),
  );
}
