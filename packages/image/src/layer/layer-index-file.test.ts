import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { crc32 } from "node:zlib";

import fc from "fast-check";

import { allCases } from "../../test/corpus/all-cases.ts";
import { isStored } from "../../test/corpus-layer.ts";
import { file } from "../../test/entries.ts";
import { randomLayers } from "../../test/random-layers.ts";
import { layerTar } from "../../test/tar-builder.ts";
import { flatten } from "../flatten/flatten.ts";
import { ImageError } from "../image-error.ts";
import { DEFAULT_LIMITS } from "../limits.ts";
import { ChunkedSource } from "../testing/chunked-source.ts";
import { indexLayer } from "./index-layer.ts";
import { decodeLayerIndex, encodeLayerIndex, LAYER_INDEX_VERSION } from "./layer-index-file.ts";
import type { LayerIndex } from "./layer-index.ts";

const SEED = Number(process.env["WHARF_TEST_SEED"] ?? Date.now() % 2 ** 31);

/** Bytes before the checksummed part. */
const HEAD = 16;

async function indexOf(tar: Buffer): Promise<LayerIndex> {
  return await indexLayer(new ChunkedSource(tar));
}

/** Indexes with everything that an index can have: sparse files, warnings with and without path, long names. */
async function* corpusIndexes(): AsyncGenerator<LayerIndex> {
  for (const { layers, error } of allCases) {
    if (error !== undefined) continue;
    for (const layer of layers) if (!isStored(layer)) yield await indexOf(layerTar(layer));
  }
}

/** Makes the checksum right again, so that what lies behind it is put to the test. */
function resealed(bytes: Buffer): Buffer {
  bytes.writeUInt32LE(crc32(bytes.subarray(HEAD)), 12);
  return bytes;
}

/** A stored index either has a meaning, or is refused. */
function useStored(bytes: Uint8Array): void {
  try {
    flatten([decodeLayerIndex(bytes)]);
  } catch (error) {
    assert.ok(error instanceof ImageError, String(error));
  }
}

test(`any layer's index is the same after it was stored (WHARF_TEST_SEED=${SEED})`, async () => {
  const property = fc.asyncProperty(randomLayers, async (layers) => {
    for (const layer of layers) {
      const index = await indexOf(layerTar(layer));
      assert.deepEqual(decodeLayerIndex(encodeLayerIndex(index)), index);
    }
  });
  await fc.assert(property, { seed: SEED, numRuns: 60 });
});

test("so are the indexes of all layers of the corpus", async () => {
  let sparse = 0;
  let warnings = 0;
  for await (const index of corpusIndexes()) {
    assert.deepEqual(decodeLayerIndex(encodeLayerIndex(index)), index);
    sparse += index.table.sparse.size;
    warnings += index.warnings.length;
  }
  assert.ok(sparse > 0 && warnings > 0);
});

test("a layer of gibibytes keeps its sizes", async () => {
  const index = await indexOf(layerTar([file("a", "a"), file("b")]));
  const gap = 3 * 2 ** 40;
  const table = {
    ...index.table,
    headerStart: index.table.headerStart.map((start, row) => start + row * gap),
    size: index.table.size.map((_, row) => (row === 0 ? gap - 512 : 5 * 2 ** 33 + 1)),
  };
  const huge = { ...index, table, size: 2 ** 45 };
  assert.deepEqual(decodeLayerIndex(encodeLayerIndex(huge)), huge);
});

test("the same index gives the same bytes", async () => {
  const tar = layerTar([file("a"), file("b", "data")]);
  assert.deepEqual(encodeLayerIndex(await indexOf(tar)), encodeLayerIndex(await indexOf(tar)));
});

test("a stored index is much smaller than the headers of its layer", async () => {
  const entries = Array.from({ length: 5000 }, (_, number) => file(`usr/share/doc/file-${number}`));
  const stored = encodeLayerIndex(await indexOf(layerTar(entries)));
  assert.ok(stored.length < 5000 * 40, `${stored.length} bytes`);
});

suite("bytes that are no index", () => {
  const refused = (bytes: Uint8Array, code: string): void =>
    assert.throws(() => decodeLayerIndex(bytes), { name: "ImageError", code });

  test("nothing, something else, a part of one", async () => {
    const stored = encodeLayerIndex(await indexOf(layerTar([file("a")])));
    refused(new Uint8Array(), "damaged");
    refused(Buffer.from("wharf-li"), "damaged");
    refused(layerTar([file("a")]), "damaged");
    for (let length = 0; length < stored.length; length++)
      refused(stored.subarray(0, length), "damaged");
    refused(Buffer.concat([stored, Buffer.from("x")]), "damaged");
  });

  test("one of another version is unsupported, so that it can be made anew", async () => {
    const stored = Buffer.from(encodeLayerIndex(await indexOf(layerTar([file("a")]))));
    stored.writeUInt32LE(LAYER_INDEX_VERSION + 1, 8);
    refused(stored, "unsupported");
  });

  test("a changed byte is found by the checksum", async () => {
    const stored = encodeLayerIndex(await indexOf(layerTar([file("a"), file("b", "data")])));
    for (let at = 0; at < stored.length; at++) {
      const changed = Uint8Array.from(stored);
      changed[at] = (changed[at] ?? 0) ^ 0x10;
      assert.throws(() => decodeLayerIndex(changed), ImageError);
    }
  });

  test(`with a right checksum it is refused or harmless (WHARF_TEST_SEED=${SEED})`, async () => {
    const change = fc.record({ at: fc.nat(), bits: fc.integer({ min: 1, max: 255 }) });
    const changes = fc.array(change, { minLength: 1, maxLength: 3 });
    const property = fc.asyncProperty(randomLayers, changes, async ([layer], places) => {
      const stored = Buffer.from(encodeLayerIndex(await indexOf(layerTar(layer ?? []))));
      for (const { at, bits } of places) {
        const place = HEAD + (at % (stored.length - HEAD));
        stored[place] = (stored[place] ?? 0) ^ bits;
      }
      useStored(resealed(stored));
    });
    await fc.assert(property, { seed: SEED, numRuns: 400 });
  });

  test(`columns with any numbers are refused or harmless (WHARF_TEST_SEED=${SEED})`, async () => {
    const index = await indexOf(layerTar([file("a", "data"), file("b"), file("c/d", "more")]));
    const { table } = index;
    const columns = ["headerStart", "headerLength", "size", "type", "flags"] as const;
    const lengths = ["rawLength", "nameLength", "linkLength"] as const;
    const any = fc.oneof(fc.nat({ max: 2000 }), fc.nat({ max: 2 ** 32 - 1 }), fc.maxSafeNat());
    const property = fc.property(
      fc.constantFrom(...columns, ...lengths),
      fc.nat({ max: table.count - 1 }),
      any,
      (name, row, value) => {
        const column = table[name].slice();
        column[row] = value;
        useStored(encodeLayerIndex({ ...index, table: { ...table, [name]: column } }));
      },
    );
    fc.assert(property, { seed: SEED, numRuns: 400 });
  });

  test("more than the limits allow is a limit", async () => {
    const stored = encodeLayerIndex(await indexOf(layerTar([file("abc"), file("def")])));
    const strict = (limits: object): void =>
      assert.throws(() => decodeLayerIndex(stored, { ...DEFAULT_LIMITS, ...limits }), {
        code: "limit",
      });
    strict({ layerEntries: 1 });
    strict({ layerNameBytes: 5 });
  });

  test("a count that promises more than there is takes no memory", async () => {
    const stored = Buffer.from(encodeLayerIndex(await indexOf(layerTar([file("a")]))));
    stored.writeUInt32LE(3_999_999, HEAD);
    const before = process.memoryUsage().arrayBuffers;
    refused(resealed(stored), "damaged");
    assert.ok(process.memoryUsage().arrayBuffers - before < 64 * 2 ** 20);
  });
});
