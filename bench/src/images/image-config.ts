import type { LayerSource } from "./layer-source.ts";

/** The part of an image config (image-spec `config.md`) that packing fills in; the rest is carried along. */
export interface ImageConfig {
  readonly rootfs: { readonly type: "layers"; readonly diff_ids: readonly string[] };
  readonly [key: string]: unknown;
}

/** A config for a generated image; its diffIDs are filled in once the layers have been read. */
export function syntheticConfig(layers: readonly LayerSource[]): ImageConfig {
  const created = "2026-01-01T00:00:00Z";
  return {
    created,
    architecture: "amd64",
    os: "linux",
    config: { Env: ["PATH=/usr/bin:/bin"], Cmd: ["/bin/true"] },
    rootfs: { type: "layers", diff_ids: [] },
    history: layers.map((layer) => ({ created, created_by: layer.createdBy })),
  };
}
