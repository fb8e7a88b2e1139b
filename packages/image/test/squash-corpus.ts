import { indexImage } from "../src/layer/index-image.ts";
import { DEFAULT_LIMITS } from "../src/limits.ts";
import { squashImage } from "../src/squash/squash-image.ts";
import type { CorpusCase } from "./corpus-case.ts";
import { type Storage, corpusImage } from "./corpus-image.ts";

/** What came of squashing a case. */
export interface Squashed {
  /** The one layer that was made, uncompressed. */
  readonly layer: Buffer;
  readonly declaredSize: number;
  /** Each once, ascending. */
  readonly warningRules: readonly number[];
  readonly warningTexts: readonly string[];
}

/** Sends a case through the library, from layers to the bytes of the squashed layer. */
export async function squash(
  example: Pick<CorpusCase, "layers" | "keep" | "to" | "limits" | "dropXattr">,
  storage: Storage,
): Promise<Squashed> {
  const { keep = 0, to = example.layers.length, dropXattr } = example;
  using built = corpusImage(example.layers, storage);
  await using indexed = await indexImage(built.image, {
    limits: { ...DEFAULT_LIMITS, ...example.limits },
  });
  const squashed = squashImage(indexed, {
    keep,
    to,
    ...(dropXattr === undefined ? {} : { dropXattr }),
  });
  const made = squashed.layers.filter(({ kept }) => kept === undefined);
  const [layer] = made;
  if (layer === undefined || made.length !== 1) throw new Error(`${made.length} layers were made`);
  const chunks: Buffer[] = [];
  await layer.writeTo((chunk) => {
    chunks.push(Buffer.from(chunk));
    return Promise.resolve();
  });
  const { warnings } = squashed.report;
  return {
    layer: Buffer.concat(chunks),
    declaredSize: layer.size,
    warningRules: [...new Set(warnings.map(({ rule }) => rule))].toSorted((a, b) => a - b),
    warningTexts: warnings.map((warning) => JSON.stringify(warning)),
  };
}
