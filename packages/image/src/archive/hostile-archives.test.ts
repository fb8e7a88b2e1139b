import assert from "node:assert/strict";
import { mkdtempDisposable, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { gzipSync } from "node:zlib";

import fc from "fast-check";

import { ImageError } from "../image-error.ts";
import type { ImageSource } from "../image.ts";
import { measureLayer } from "../testing/kept-layer.ts";
import { MediaType } from "../document/media-types.ts";
import { openImagePath, openImageStream } from "../open-image.ts";
import {
  blobOf,
  configOf,
  dockerFiles,
  indexOf,
  json,
  layoutFiles,
  manifestOf,
  openFilesBelow,
  tarOfFiles,
  v1Id,
  writeFiles,
} from "../testing/made-archive.ts";
import type { Files } from "../testing/made-archive.ts";

const layer = tarOfFiles({ file: "data" });
const gzip = gzipSync(layer);
const config = {
  architecture: "amd64",
  os: "linux",
  history: [{ created_by: "x" }],
  rootfs: JSON.parse(String(configOf([layer])))["rootfs"],
};
const docker = dockerFiles([layer], ["app:1"]);
const dockerManifest: unknown = JSON.parse(String(docker["manifest.json"]));
const blobs = manifestOf(
  [blobOf(gzip, `${MediaType.ociLayer}+gzip`, { urls: [], annotations: { a: "b" } })],
  json(config),
);
const manifest: unknown = JSON.parse(Buffer.from(blobs.at(-1)?.bytes ?? []).toString());
const platform = { os: "linux", architecture: "amd64" };
const descriptor = {
  ...blobs.at(-1)?.descriptor,
  platform,
  annotations: { "org.opencontainers.image.ref.name": "app:1" },
};
const index: unknown = JSON.parse(String(indexOf([descriptor])));
const v1Document = {
  id: v1Id(0),
  created: "x",
  container_config: { Cmd: ["x"] },
  config: {},
  architecture: "amd64",
};

/** Reads everything: success, or an {@link ImageError}; nothing else, and nothing stays open. */
async function survives(folder: string, opening: Promise<ImageSource>): Promise<void> {
  try {
    await using source = await opening;
    for (const image of source.images) for (const each of image.layers) await measureLayer(each);
  } catch (error) {
    if (!(error instanceof ImageError)) throw error;
  }
  assert.deepEqual(openFilesBelow(folder), []);
}

async function survivesStream(folder: string, bytes: Uint8Array): Promise<void> {
  async function* input(): AsyncGenerator<Uint8Array> {
    yield bytes;
  }
  await survives(folder, openImageStream(input(), { tmpDir: folder }));
}

/** A document with one value, somewhere in it, replaced by any other or taken out. */
function damaged(document: unknown): fc.Arbitrary<unknown> {
  const places = placesIn(document);
  const odd = fc.oneof(
    fc.jsonValue({ maxDepth: 2 }),
    fc.constantFrom(
      "../../etc/passwd",
      "/",
      "",
      "\0",
      "__proto__",
      -1,
      1e308,
      2 ** 53,
      `sha256:${"0".repeat(64)}`,
    ),
    fc.constantFrom(...places.map((place) => valueAt(document, place))),
  );
  return fc
    .tuple(fc.constantFrom(...places), fc.option(odd))
    .map(([place, value]) => replaceAt(document, place, value));
}

function placesIn(value: unknown): string[][] {
  if (typeof value !== "object" || value === null) return [[]];
  return [
    [],
    ...Object.entries(value).flatMap(([key, inner]) =>
      placesIn(inner).map((place) => [key, ...place]),
    ),
  ];
}

function valueAt(value: unknown, place: readonly string[]): unknown {
  return place.reduce((inner, key) => (inner as Record<string, unknown>)[key], value); // the place comes from placesIn
}

function replaceAt(value: unknown, [key, ...rest]: readonly string[], by: unknown): unknown {
  if (key === undefined) return by;
  const copy: Record<string, unknown> = Array.isArray(value)
    ? (Object.assign([], value) as unknown as Record<string, unknown>) // indexed by text alike
    : { ...(value as object) }; // the place comes from placesIn
  copy[key] = replaceAt(copy[key], rest, by);
  return copy;
}

/** Runs a property on some hundred inputs; a failure prints its seed. */
async function always<T>(
  arbitrary: fc.Arbitrary<T>,
  check: (folder: string, value: T) => Promise<void>,
): Promise<void> {
  await using folder = await mkdtempDisposable(join(tmpdir(), "wharf-hostile-"));
  await fc.assert(
    fc.asyncProperty(arbitrary, (value) => check(folder.path, value)),
    { numRuns: 300 },
  );
}

test("any manifest.json is read or refused", async () => {
  await always(damaged(dockerManifest), (folder, document) =>
    survivesStream(folder, tarOfFiles({ ...docker, "manifest.json": json(document) })),
  );
});

test("any config is read or refused", async () => {
  await always(damaged(config), async (folder, document) => {
    const bytes = json(document);
    await survivesStream(folder, tarOfFiles(dockerFiles([layer], ["app:1"], bytes)));
    const made = manifestOf([blobOf(layer, MediaType.ociLayer)], bytes);
    await survivesStream(folder, tarOfFiles(layoutFiles(made, [made.at(-1)?.descriptor])));
  });
});

test("any index.json is read or refused, in a tar and in a folder", async () => {
  await always(damaged(index), async (folder, document) => {
    const files: Files = { ...layoutFiles(blobs, []), "index.json": json(document) };
    await survivesStream(folder, tarOfFiles(files));
    const path = await writeFiles(join(folder, "layout"), files);
    await survives(folder, openImagePath(path));
    await rm(path, { recursive: true });
  });
});

test("any manifest of a layout is read or refused", async () => {
  await always(damaged(manifest), (folder, document) => {
    const blob = blobOf(json(document), MediaType.ociManifest);
    return survivesStream(folder, tarOfFiles(layoutFiles([...blobs, blob], [blob.descriptor])));
  });
});

test("any hybrid of index.json and manifest.json is read or refused", async () => {
  await always(fc.tuple(damaged(index), damaged(dockerManifest)), (folder, [oci, old]) => {
    const files = {
      ...docker,
      ...layoutFiles(blobs, []),
      "index.json": json(oci),
      "manifest.json": json(old),
    };
    return survivesStream(folder, tarOfFiles(files));
  });
});

test("any json and repositories file of the old layout is read or refused", async () => {
  const repositories = { app: { "1": v1Id(0) } };
  await always(
    fc.tuple(damaged(v1Document), damaged(repositories)),
    async (folder, [document, names]) => {
      const files = { [`${v1Id(0)}/json`]: json(document), [`${v1Id(0)}/layer.tar`]: layer };
      await survivesStream(folder, tarOfFiles(files));
      await survivesStream(folder, tarOfFiles({ ...files, repositories: json(repositories) }));
      await survivesStream(folder, tarOfFiles({ ...files, repositories: json(names) }));
    },
  );
});

const archives = {
  "docker-archive": tarOfFiles(docker),
  "OCI layout": tarOfFiles(layoutFiles(blobs, [descriptor])),
};

for (const [kind, archive] of Object.entries(archives)) {
  test(`a ${kind} that is cut anywhere is read or refused`, async () => {
    await always(fc.nat(archive.length), (folder, length) =>
      survivesStream(folder, archive.subarray(0, length)),
    );
  });

  test(`a compressed ${kind} that is cut anywhere is refused`, async () => {
    const wrapped = gzipSync(archive);
    await always(fc.nat(wrapped.length - 1), async (folder, length) => {
      await survivesStream(folder, wrapped.subarray(0, length));
    });
  });

  test(`a ${kind} with changed bytes is read or refused`, async () => {
    const change = fc.tuple(fc.nat(archive.length - 1), fc.nat(255));
    await always(fc.array(change, { minLength: 1, maxLength: 4 }), (folder, changes) => {
      const bytes = Buffer.from(archive);
      for (const [at, byte] of changes) bytes[at] = byte;
      return survivesStream(folder, bytes);
    });
  });
}

test("any bytes are refused", async () => {
  await always(fc.uint8Array({ maxLength: 3000 }), survivesStream);
});
