import type { LayerSource } from "./layer-source.ts";
import { syntheticLayer } from "./synthetic-layer.ts";
import type { SyntheticEntry } from "./synthetic-layer.ts";

/**
 * Few large files in three layers of the same size; the third overwrites the files of the second.
 *
 * @param total bytes of all layers together
 */
export function largeFiles(total: number): LayerSource[] {
  const perLayer = Math.floor(total / 3);
  const files = Math.max(4, Math.min(64, Math.floor(perLayer / (32 * 1024 * 1024))));
  const size = Math.floor(perLayer / files);
  return [
    syntheticLayer("ADD base", () => folder("base", files, size, 1)),
    syntheticLayer("COPY data", () => folder("data", files, size, 1000)),
    syntheticLayer("COPY data anew", () => folder("data", files, size, 2000)),
  ];
}

function* folder(
  name: string,
  files: number,
  size: number,
  seed: number,
): Generator<SyntheticEntry> {
  yield { name: `${name}/`, size: 0, seed: 0 };
  for (let number = 0; number < files; number += 1) {
    yield {
      name: `${name}/file-${String(number).padStart(3, "0")}.bin`,
      size,
      seed: seed + number,
    };
  }
}
