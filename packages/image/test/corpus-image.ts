import { closeSync, mkdtempSync, openSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import type { ByteSource } from "../src/source/byte-source.ts";
import { type Digest, digestOf } from "../src/document/digest.ts";
import { fileSource } from "../src/source/file-source.ts";
import { ImageError } from "../src/image-error.ts";
import type { Image, ImageLayer } from "../src/image.ts";
import type { CorpusLayer } from "./corpus-case.ts";
import { blobOf, isStored, tarOf } from "./corpus-layer.ts";

/** An image of a case. Closing it removes its files. */
export interface CorpusImage extends Disposable {
  readonly image: Image;
}

interface Blob {
  readonly bytes: Buffer;
  /** What the source says. */
  readonly size: number;
}

/** Where the layers of a test image lie: in memory, without a slice, or in one file. */
export type Storage = "memory" | "file";

/** Makes an {@link Image} of layers, with true digests unless a layer states others. */
export function corpusImage(layers: readonly CorpusLayer[], storage: Storage): CorpusImage {
  const blobs = layers.map((layer): Blob => {
    const bytes = blobOf(layer);
    return { bytes, size: (isStored(layer) ? layer.size : undefined) ?? bytes.length };
  });
  const { sources, close } =
    storage === "memory"
      ? { sources: blobs.map(memorySource), close: () => {} }
      : fileSources(blobs);
  const imageLayers = layers.map((layer, index): ImageLayer => {
    const blob = sources[index];
    if (blob === undefined) throw new Error("one source for each layer");
    const stated = isStored(layer) ? layer : undefined;
    return {
      blob,
      mediaType: stated?.mediaType ?? "application/vnd.oci.image.layer.v1.tar",
      digest: stated?.digest ?? digestOf(blobOf(layer)),
      diffId: diffIdOf(layer),
    };
  });
  const config = Buffer.from(JSON.stringify(configOf(layers.map(diffIdOf))));
  const image: Image = {
    names: ["example:1"],
    config,
    configDigest: digestOf(config),
    manifestDigest: undefined,
    platform: { os: "linux", architecture: "amd64" },
    layers: imageLayers,
  };
  return { image, [Symbol.dispose]: close };
}

function diffIdOf(layer: CorpusLayer): Digest {
  return (isStored(layer) ? layer.diffId : undefined) ?? digestOf(tarOf(layer));
}

function configOf(diffIds: readonly Digest[]): unknown {
  return {
    architecture: "amd64",
    os: "linux",
    config: { Env: ["A=b"] },
    rootfs: { type: "layers", diff_ids: diffIds },
    history: diffIds.map((_, index) => ({
      created: "2026-11-21T00:00:00Z",
      created_by: `layer ${index + 1}`,
    })),
  };
}

/** Comes in uneven pieces and reuses its chunk, as the contract of ByteSource allows. */
function memorySource({ bytes, size }: Blob): ByteSource {
  return {
    size,
    async *stream(start = 0, wanted = size) {
      const end = Math.min(wanted, bytes.length);
      const chunk = Buffer.alloc(1777);
      for (let at = start; at < end; at += chunk.length) {
        const length = Math.min(chunk.length, end - at);
        bytes.copy(chunk, 0, at, at + length);
        yield chunk.subarray(0, length);
        chunk.fill(0xaa);
      }
      if (end < wanted) throw new ImageError("damaged", "the source ends early");
    },
  };
}

function fileSources(blobs: readonly Blob[]): { sources: ByteSource[]; close: () => void } {
  const directory = mkdtempSync(join(tmpdir(), "wharf-corpus-"));
  const path = join(directory, "layers");
  writeFileSync(path, Buffer.concat(blobs.map(({ bytes }) => bytes)));
  const fd = openSync(path, "r");
  let offset = 0;
  const sources = blobs.map(({ bytes, size }) => {
    const source = fileSource({ fd, offset, size });
    offset += bytes.length;
    return source;
  });
  return {
    sources,
    close: () => {
      closeSync(fd);
      rmSync(directory, { recursive: true });
    },
  };
}
