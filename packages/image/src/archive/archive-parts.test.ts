import assert from "node:assert/strict";
import { mkdtempDisposable, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite, test } from "node:test";
import { gzipSync, zstdCompressSync } from "node:zlib";

import fc from "fast-check";

import type { Compression } from "../compression/compression.ts";
import { digestOf } from "../document/digest.ts";
import type { Digest } from "../document/digest.ts";
import { MediaType, ociLayerType } from "../document/media-types.ts";
import type { Image } from "../image.ts";
import { openImagePath } from "../open-image.ts";
import type { OutputImage, OutputLayer } from "../squash/output-image.ts";
import { keepLayer, measureLayer } from "../testing/kept-layer.ts";
import {
  Collector,
  configOf,
  memorySource,
  newImage,
  newLayer,
  tarOfFiles,
} from "../testing/made-archive.ts";
import type { ArchiveParts } from "./archive-parts.ts";
import { dockerArchiveParts } from "./docker-archive-parts.ts";
import { ociArchiveParts, ociImage } from "./oci-archive-parts.ts";
import type { ArchivedImage } from "./oci-archive-parts.ts";
import { writeDockerArchive } from "./write-docker-archive.ts";
import { writeOciArchive } from "./write-oci-layout.ts";

/** Few, so that images share them. */
const tars = ["one", "two", "three", "four"].map((text) =>
  tarOfFiles({ [text]: text.repeat(300) }),
);

const stored: Readonly<Record<Compression, readonly Buffer[]>> = {
  none: tars,
  gzip: tars.map((tar) => gzipSync(tar)),
  zstd: tars.map((tar) => zstdCompressSync(tar)),
};

interface Spec {
  readonly layers: readonly number[];
  readonly compression: Compression;
  readonly names: readonly string[];
  readonly architecture: string;
}

const specs: fc.Arbitrary<readonly Spec[]> = fc.array(
  fc.record({
    layers: fc.array(fc.nat({ max: 3 }), { maxLength: 5 }),
    compression: fc.constantFrom("none", "gzip", "zstd"),
    names: fc.uniqueArray(fc.constantFrom("app:1", "example.com/team/app:2", "odd"), {
      maxLength: 3,
    }),
    architecture: fc.constantFrom("amd64", "arm64"),
  }),
  { minLength: 1, maxLength: 3 },
);

/** Bytes of the parts, with the layer files put in. */
function concatenated<Layer>(
  { parts, layers, size }: ArchiveParts<Layer>,
  bytesOf: (layer: Layer) => Uint8Array,
): Buffer {
  const pieces = parts.map((part) => {
    if (part.kind === "bytes") {
      assert.equal(part.bytes?.length, part.length);
      return part.bytes;
    }
    const layer = layers[part.layer];
    assert.ok(layer !== undefined);
    assert.equal(bytesOf(layer).length, part.length);
    return bytesOf(layer);
  });
  const bytes = Buffer.concat(pieces);
  assert.equal(bytes.length, size);
  return bytes;
}

async function keptLayers(spec: Spec): Promise<OutputLayer[]> {
  return await Promise.all(
    spec.layers.map(async (number) => {
      const bytes = stored[spec.compression][number] ?? Buffer.alloc(0);
      const layer = {
        blob: memorySource(bytes),
        mediaType: "",
        digest: digestOf(bytes),
        diffId: digestOf(tars[number] ?? bytes),
      };
      return keepLayer(layer, await measureLayer(layer));
    }),
  );
}

function platformOf({ architecture }: Spec): OutputImage["platform"] {
  return { os: "linux", architecture };
}

async function keptImages(wanted: readonly Spec[]): Promise<OutputImage[]> {
  return await Promise.all(
    wanted.map(async (spec) => newImage(await keptLayers(spec), spec.names, platformOf(spec))),
  );
}

/** Reads an archive as somebody who gets it would, layers and all. */
async function readBack(archive: Uint8Array): Promise<readonly Image[]> {
  await using folder = await mkdtempDisposable(join(tmpdir(), "wharf-parts-"));
  const path = join(folder.path, "archive.tar");
  await writeFile(path, archive);
  await using source = await openImagePath(path);
  for (const { layers } of source.images) for (const layer of layers) await measureLayer(layer);
  return source.images;
}

suite("a docker-archive", () => {
  const tarOf = new Map(tars.map((tar) => [digestOf(tar), tar]));
  const bytesOf = ({ diffId }: { diffId: Digest | undefined }): Uint8Array =>
    tarOf.get(diffId ?? digestOf(Buffer.of())) ?? Buffer.of();

  test("has the bytes that the writer writes", async () => {
    const property = fc.asyncProperty(specs, async (wanted) => {
      const images = await keptImages(wanted);
      const written = new Collector();
      await writeDockerArchive(images, written.sink);
      assert.ok(concatenated(dockerArchiveParts(images), bytesOf).equals(written.bytes));
    });
    await fc.assert(property, { numRuns: 40 });
  });

  test("is known up to its end before the digests of new layers are", async () => {
    const [first = Buffer.alloc(0), second = Buffer.alloc(0)] = tars;
    const layers = [newLayer(first), newLayer(second)];
    const image = newImage(layers, ["app:1"]);
    const written = new Collector();
    const { images } = await writeDockerArchive([image], written.sink);
    const archive = dockerArchiveParts([image]);
    assert.equal(archive.size, written.bytes.length);
    assert.deepEqual(
      archive.parts.map((part) => part.kind === "layer" || part.bytes !== undefined),
      [true, true, true, true, false],
    );
    const ids = tars.map(digestOf).slice(0, 2);
    const { parts, configs } = archive.resolve(ids);
    assert.deepEqual(
      configs.map(({ digest, diffIds }) => [digest, diffIds]),
      [[images[0]?.configDigest, ids]],
    );
    const whole = concatenated({ ...archive, parts }, (layer) =>
      layer === layers[0] ? first : second,
    );
    assert.ok(whole.equals(written.bytes));
    assert.throws(() => archive.resolve(ids.slice(1)), RangeError);
  });

  test("may hold compressed layers, as they are stored", async () => {
    for (const compression of ["gzip", "zstd"] as const) {
      const layers = tars.map((tar, number) => {
        const file = stored[compression][number] ?? tar;
        return { size: file.length, diffId: digestOf(tar), file };
      });
      const config = configOf(tars);
      const archive = dockerArchiveParts([{ names: ["app:1"], layers, config: () => config }]);
      const [read] = await readBack(concatenated(archive, ({ file }) => file));
      assert.deepEqual(read?.names, ["app:1"]);
      assert.equal(read?.configDigest, digestOf(config));
      assert.deepEqual(
        read?.layers.map(({ diffId }) => diffId),
        tars.map(digestOf),
      );
    }
  });

  test("of an image without layers is known at once", () => {
    const { parts } = dockerArchiveParts([newImage([], ["app:1"])]);
    assert.ok(parts.every((part) => part.kind === "bytes" && part.bytes !== undefined));
  });

  test("whose config changes its length is an error", () => {
    let calls = 0;
    const config = (): Uint8Array => Buffer.alloc(600 * ++calls);
    const layers = [{ size: 10, diffId: undefined }];
    const archive = dockerArchiveParts([{ names: [], layers, config }]);
    assert.throws(() => archive.resolve([digestOf(Buffer.of())]), /another length/);
  });
});

suite("an OCI layout", () => {
  const fileOf = new Map(
    Object.values(stored).flatMap((files) => files.map((file) => [digestOf(file), file] as const)),
  );
  const bytesOf = ({ digest }: { digest: Digest }): Uint8Array => fileOf.get(digest) ?? Buffer.of();

  function imageOf(spec: Spec): ReturnType<typeof ociImage> {
    const diffIds = spec.layers.map((number) => digestOf(tars[number] ?? Buffer.of()));
    return ociImage({
      names: spec.names,
      platform: platformOf(spec),
      config: newImage([], [], platformOf(spec)).config(diffIds),
      layers: spec.layers.map((number) => {
        const file = stored[spec.compression][number] ?? Buffer.of();
        const mediaType = ociLayerType(spec.compression);
        return { digest: digestOf(file), size: file.length, mediaType };
      }),
    });
  }

  test("has the bytes that the writer writes", async () => {
    const property = fc.asyncProperty(specs, async (wanted) => {
      const written = new Collector();
      await writeOciArchive(await keptImages(wanted), written.sink);
      const archive = ociArchiveParts(wanted.map(imageOf));
      assert.ok(concatenated(archive, bytesOf).equals(written.bytes));
    });
    await fc.assert(property, { numRuns: 40 });
  });

  test("is read back, with layers that images share", async () => {
    const shared = { compression: "gzip", architecture: "amd64" } as const;
    const images = [
      imageOf({ ...shared, layers: [0, 1], names: ["app:1"] }),
      imageOf({ ...shared, layers: [0, 2], names: ["example.com/team/app:2", "app:3"] }),
    ];
    const archive = ociArchiveParts(images);
    assert.equal(archive.layers.length, 3);
    const read = await readBack(concatenated(archive, bytesOf));
    assert.deepEqual(
      read.map(({ manifestDigest }) => manifestDigest),
      images.map(({ root }) => root.digest),
    );
    assert.deepEqual(
      read.map(({ names }) => names),
      [["app:1"], ["example.com/team/app:2", "app:3"]],
    );
  });

  test("keeps a stored index and the manifests it leads to byte for byte", async () => {
    const [first, second] = ["amd64", "arm64"].map((architecture) =>
      imageOf({ layers: [0, 1], compression: "gzip", names: [], architecture }),
    );
    assert.ok(first !== undefined && second !== undefined);
    const children = [first, second].map(({ root }) => root);
    const bytes = Buffer.from(
      JSON.stringify({
        schemaVersion: 2,
        mediaType: MediaType.dockerIndex,
        manifests: children.map(({ digest, bytes: { length }, mediaType, platform }) => ({
          mediaType,
          size: length,
          digest,
          platform,
        })),
      }),
    );
    const image: ArchivedImage = {
      names: ["app:1"],
      root: { mediaType: MediaType.dockerIndex, digest: digestOf(bytes), bytes },
      blobs: [...first.blobs, ...second.blobs, ...children],
    };
    const archive = concatenated(ociArchiveParts([image]), bytesOf);
    assert.ok(archive.includes(bytes));
    const read = await readBack(archive);
    assert.deepEqual(
      read.map(({ platform: { architecture }, manifestDigest }) => [architecture, manifestDigest]),
      [
        ["amd64", first.root.digest],
        ["arm64", second.root.digest],
      ],
    );
  });
});
