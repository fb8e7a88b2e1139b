import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { once } from "node:events";
import { mkdtempDisposable } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, suite, test } from "node:test";
import { promisify } from "node:util";

import { digestOf, type OutputImage, type ProgressEvent } from "@wharf/image";

import { parseTag } from "../transports/image-name.ts";
import { pushImages } from "./push-image.ts";
import { missingProgram } from "./testing/missing-program.ts";
import { openClient } from "./testing/open-client.ts";
import { passOn } from "./testing/pass-on.ts";
import { pullTag, pushSample, sampleImage, withSquashed } from "./testing/sample.ts";
import { type RunningRegistry, startRegistry } from "./testing/start-registry.ts";
import { startServer } from "./testing/start-server.ts";

const run = promisify(execFile);

suite("an image pushed to a registry", { skip: missingProgram("docker-registry") }, () => {
  let registry: RunningRegistry;
  before(async () => {
    registry = await startRegistry();
  });
  after(async () => {
    await registry[Symbol.asyncDispose]();
  });

  test("comes back as it was", async () => {
    using client = await openClient(`${registry.host}/team/round`);
    const [written] = await pushImages(client, [sampleImage()], { tags: [parseTag("1")] });
    await using source = await pullTag(client, "1");
    const [image] = source.images;
    assert.deepEqual(image?.names, [`${registry.host}/team/round:1`]);
    assert.equal(image.configDigest, written?.configDigest);
    assert.equal(image.manifestDigest, written?.manifestDigest);
    assert.deepEqual(
      image.layers.map(({ diffId, digest, blob, mediaType }) => ({
        diffId,
        digest,
        size: blob.size,
        mediaType,
      })),
      written?.layers,
    );
    assert.deepEqual(
      Buffer.from(image.config),
      Buffer.from(
        sampleImage().config(image.layers.map(({ diffId }) => diffId ?? digestOf(Buffer.of()))),
      ),
    );
  });

  test("has OCI media types and gzip layers, with zstd when that is wished", async () => {
    const gzip = await manifestOf(await pushed("types", [sampleImage()]), "1");
    assert.equal(gzip.mediaType, "application/vnd.oci.image.manifest.v1+json");
    assert.deepEqual(
      layerTypes(gzip),
      Array(3).fill("application/vnd.oci.image.layer.v1.tar+gzip"),
    );
    using client = await openClient(`${registry.host}/types`);
    await pushImages(client, [sampleImage()], {
      tags: [parseTag("z")],
      compression: { kind: "zstd", level: 3 },
    });
    const zstd = await manifestOf("types", "z");
    assert.deepEqual(
      layerTypes(zstd),
      Array(3).fill("application/vnd.oci.image.layer.v1.tar+zstd"),
    );
    await using source = await pullTag(client, "z");
    await withSquashed(source, 0, async ({ layers }) => assert.equal(layers.length, 1));
  });

  test("keeps Docker's media types where all kept layers have them", async () => {
    await pushed("docker", [sampleImage()]);
    await pushDockerTypes("docker", "1", "docker");
    using client = await openClient(`${registry.host}/docker`);
    await using source = await pullTag(client, "docker");
    await withSquashed(source, 1, (image) => pushSample(client, "kept", [image]));
    const kept = await manifestOf("docker", "kept");
    assert.equal(kept.mediaType, "application/vnd.docker.distribution.manifest.v2+json");
    assert.deepEqual(
      layerTypes(kept),
      Array(2).fill("application/vnd.docker.image.rootfs.diff.tar.gzip"),
    );
    await withSquashed(source, 0, (image) => pushSample(client, "all", [image]));
    assert.equal(
      (await manifestOf("docker", "all")).mediaType,
      "application/vnd.oci.image.manifest.v1+json",
    );
    // Docker's manifests know no zstd, so all of it becomes OCI.
    await withSquashed(source, 1, async (image) => {
      await pushImages(client, [image], {
        tags: [parseTag("zstd")],
        compression: { kind: "zstd", level: 1 },
      });
    });
    assert.deepEqual(layerTypes(await manifestOf("docker", "zstd")), [
      "application/vnd.oci.image.layer.v1.tar+gzip",
      "application/vnd.oci.image.layer.v1.tar+zstd",
    ]);
  });

  test("uploads no kept layer that is there", async () => {
    const name = await pushed("kept", [sampleImage()]);
    using client = await openClient(`${registry.host}/kept`);
    await using source = await pullTag(client, "1");
    const before = registry.log.length;
    await withSquashed(source, 2, (image) => pushSample(client, "2", [image]));
    const requests = registry.log.slice(before).join("\n");
    // The squashed layer and the config.
    assert.equal(requests.match(/"PATCH /g)?.length, 2, requests);
    assert.deepEqual(
      (await manifestOf(name, "2")).layers?.slice(0, 2),
      (await manifestOf(name, "1")).layers?.slice(0, 2),
    );
  });

  test("takes kept layers over from a neighbouring repository", async () => {
    await pushed("mount/source", [sampleImage()]);
    using from = await openClient(`${registry.host}/mount/source`);
    await using source = await pullTag(from, "1");
    using client = await openClient(`${registry.host}/mount/target`);
    const before = registry.log.length;
    await withSquashed(source, 2, async (image) => {
      await pushImages(client, [image], { tags: [parseTag("1")], mountFrom: "mount/source" });
    });
    const requests = registry.log.slice(before).join("\n");
    assert.equal(requests.match(/"POST [^"]*mount=[^"]*" 201/g)?.length, 2, requests);
    assert.equal(requests.match(/"PATCH /g)?.length, 2, requests);
  });

  test("uploads kept layers when the neighbour does not have them", async () => {
    await pushed("far/source", [sampleImage()]);
    using from = await openClient(`${registry.host}/far/source`);
    await using source = await pullTag(from, "1");
    await using other = await startRegistry();
    using client = await openClient(`${other.host}/target`);
    await withSquashed(source, 2, async (image) => {
      await pushImages(client, [image], { tags: [parseTag("1")], mountFrom: "far/source" });
    });
    await using back = await pullTag(client, "1");
    assert.equal(back.images[0]?.layers[0]?.digest, source.images[0]?.layers[0]?.digest);
    // The uploads that the registry began instead of mounting were used.
    assert.equal(
      other.log.filter((line) => /"POST \/v2\/target\/blobs\/uploads\/ /.test(line)).length,
      2,
    );
  });

  test("for several platforms gets an index; each platform can be chosen", async () => {
    const name = await pushed("platforms", [sampleImage("amd64"), sampleImage("arm64")]);
    const index = await manifestOf(name, "1");
    assert.equal(index.mediaType, "application/vnd.oci.image.index.v1+json");
    assert.deepEqual(
      index.manifests?.map(({ platform }) => platform),
      [
        { architecture: "amd64", os: "linux" },
        { architecture: "arm64", os: "linux" },
      ],
    );
    using client = await openClient(`${registry.host}/platforms`);
    await using one = await pullTag(client, "1", { platform: "linux/arm64" });
    assert.deepEqual(
      one.images.map(({ platform }) => platform.architecture),
      ["arm64"],
    );
    await using all = await pullTag(client, "1", { platform: "all" });
    assert.deepEqual(
      all.images.map(({ platform }) => platform.architecture),
      ["amd64", "arm64"],
    );
    await assert.rejects(pullTag(client, "1", { platform: "linux/s390x" }), {
      code: "not-found",
      hint: "choose with --platform: linux/amd64, linux/arm64",
    });
  });

  test("of the same platform twice is refused", async () => {
    using client = await openClient(`${registry.host}/twice`);
    await assert.rejects(pushSample(client, "1", [sampleImage(), sampleImage()]), {
      code: "invalid-request",
    });
  });

  test("gets all its tags", async () => {
    using client = await openClient(`${registry.host}/tags`);
    const written = await pushImages(client, [sampleImage()], {
      tags: [parseTag("1"), parseTag("latest")],
    });
    assert.deepEqual(written[0]?.names, [
      `${registry.host}/tags:1`,
      `${registry.host}/tags:latest`,
    ]);
    assert.deepEqual(await manifestOf("tags", "1"), await manifestOf("tags", "latest"));
  });

  test("that breaks while it is made has no tag", async () => {
    using client = await openClient(`${registry.host}/broken`);
    const failure = new Error("damaged on the way");
    const image = sampleImage();
    const [first, ...others] = image.layers;
    assert.ok(first);
    const broken: OutputImage = {
      ...image,
      layers: [
        ...others,
        {
          ...first,
          async writeTo(sink) {
            await sink(Buffer.alloc(100_000));
            throw failure;
          },
        },
      ],
    };
    await assert.rejects(pushSample(client, "1", [broken]), failure);
    await assert.rejects(pullTag(client, "1"), { code: "not-found" });
  });

  test("is uploaded anew when the connection breaks on the way", async () => {
    let broken = 0;
    await using front = await startServer(async (request, response) => {
      if (request.method !== "PATCH" || broken++ > 0)
        return await passOn(registry.host, request, response);
      await once(request, "data");
      return request.destroy();
    });
    using client = await openClient(`${front.host}/again`);
    const events: ProgressEvent[] = [];
    await pushImages(client, [sampleImage()], {
      tags: [parseTag("1")],
      onProgress: (event) => events.push(event),
    });
    assert.ok(broken > 1);
    await using source = await pullTag(client, "1");
    await withSquashed(source, 0, async ({ layers }) => assert.equal(layers.length, 1));
    assert.equal(
      events.reduce((sum, { bytes }) => sum + bytes, 0),
      events.at(-1)?.total,
    );
  });

  test("stops when it is aborted", async () => {
    const controller = new AbortController();
    const reason = new Error("stopped");
    using client = await openClient(`${registry.host}/aborted`, { signal: controller.signal });
    const pushing = pushImages(client, [sampleImage()], {
      tags: [parseTag("1")],
      onProgress: ({ bytes }) => bytes > 0 && controller.abort(reason),
    });
    await assert.rejects(pushing, reason);
  });

  test("tells its progress to the last byte", async () => {
    using client = await openClient(`${registry.host}/progress`);
    const events: ProgressEvent[] = [];
    await pushImages(client, [sampleImage()], {
      tags: [parseTag("1")],
      onProgress: (event) => events.push(event),
    });
    const total = events.at(-1)?.total;
    assert.equal(
      events.reduce((sum, { bytes }) => sum + bytes, 0),
      total,
    );
    assert.equal(
      total,
      sampleImage().layers.reduce((sum, { size }) => sum + size, 0),
    );
  });

  test("is one that skopeo takes", { skip: missingProgram("skopeo") }, async () => {
    await pushed("skopeo", [sampleImage()]);
    await using folder = await mkdtempDisposable(join(tmpdir(), "skopeo-"));
    const source = `docker://${registry.host}/skopeo:1`;
    await run("skopeo", [
      "copy",
      "--src-tls-verify=false",
      source,
      `oci:${join(folder.path, "out")}`,
    ]);
    const back = `docker://${registry.host}/skopeo:2`;
    await run("skopeo", [
      "copy",
      "--dest-tls-verify=false",
      "--format=v2s2",
      `oci:${join(folder.path, "out")}`,
      back,
    ]);
    using client = await openClient(`${registry.host}/skopeo`);
    await using image = await pullTag(client, "2");
    await withSquashed(image, 0, async ({ layers }) => assert.equal(layers.length, 1));
  });

  interface Manifest {
    mediaType?: string;
    layers?: { mediaType: string; digest: string }[];
    manifests?: { platform: object }[];
  }

  async function pushed(name: string, images: readonly OutputImage[]): Promise<string> {
    using client = await openClient(`${registry.host}/${name}`);
    await pushSample(client, "1", images);
    return name;
  }

  async function manifestOf(name: string, tag: string): Promise<Manifest> {
    const accept =
      "application/vnd.oci.image.index.v1+json, application/vnd.oci.image.manifest.v1+json";
    const response = await fetch(`http://${registry.host}/v2/${name}/manifests/${tag}`, {
      headers: { accept: `${accept}, application/vnd.docker.distribution.manifest.v2+json` },
    });
    return (await response.json()) as Manifest; // what the test then looks at
  }

  /** Puts the manifest of a tag once more, in Docker's words. */
  async function pushDockerTypes(name: string, tag: string, as: string): Promise<void> {
    const text = JSON.stringify(await manifestOf(name, tag))
      .replaceAll("vnd.oci.image.manifest.v1+json", "vnd.docker.distribution.manifest.v2+json")
      .replaceAll("vnd.oci.image.config.v1+json", "vnd.docker.container.image.v1+json")
      .replaceAll("vnd.oci.image.layer.v1.tar+gzip", "vnd.docker.image.rootfs.diff.tar.gzip");
    const response = await fetch(`http://${registry.host}/v2/${name}/manifests/${as}`, {
      method: "PUT",
      headers: { "content-type": "application/vnd.docker.distribution.manifest.v2+json" },
      body: text,
    });
    assert.equal(response.status, 201, await response.text());
  }

  function layerTypes({ layers = [] }: Manifest): string[] {
    return layers.map(({ mediaType }) => mediaType);
  }
});
