import type { LayerSource } from "./layer-source.ts";
import { syntheticLayer } from "./synthetic-layer.ts";
import type { SyntheticEntry } from "./synthetic-layer.ts";

const FILES_PER_FOLDER = 100;

/**
 * Many small files in three layers: all files, a tenth of them overwritten, another tenth deleted.
 *
 * @param files number of files in the lowest layer
 * @param largest upper limit of the size of a file in bytes, sizes are spread evenly below it
 */
export function smallFiles(files: number, largest: number): LayerSource[] {
  return [
    syntheticLayer(`ADD ${files} files in /data`, () =>
      withFolders(files, () => true, "", largest),
    ),
    syntheticLayer("COPY every tenth file anew", () =>
      withFolders(files, (number) => number % 10 === 3, "", largest),
    ),
    syntheticLayer("RUN rm every tenth file", () =>
      withFolders(files, (number) => number % 10 === 7, ".wh.", 0),
    ),
  ];
}

function* withFolders(
  files: number,
  isWanted: (number: number) => boolean,
  prefix: string,
  largest: number,
): Generator<SyntheticEntry> {
  yield { name: "data/", size: 0, seed: 0 };
  for (let number = 0; number < files; number += 1) {
    const folder = `data/folder-${String(Math.floor(number / FILES_PER_FOLDER)).padStart(5, "0")}/`;
    if (number % FILES_PER_FOLDER === 0) yield { name: folder, size: 0, seed: 0 };
    if (!isWanted(number)) continue;
    const name = `${folder}${prefix}file-${String(number).padStart(7, "0")}.txt`;
    yield { name, size: largest === 0 ? 0 : (number * 1009) % largest, seed: number };
  }
}
