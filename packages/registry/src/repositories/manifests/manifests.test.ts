import assert from "node:assert/strict";
import { test } from "node:test";
import { gzipSync } from "node:zlib";
import { digestOf, MediaType } from "@wharf/image";
import { ApiClient } from "../../testing/api-client.ts";
import { blobOf, imageOf, indexOf, manifestOf, tarOf } from "../../testing/test-image.ts";
import type { TestBlob } from "../../testing/test-image.ts";
import { everyRegistry, until } from "../../testing/test-registry.ts";

const HISTORY = [
  { created: "2026-01-02T03:04:05Z", created_by: "ADD rootfs /", author: "alice" },
  { created: "2026-01-02T03:04:06Z", created_by: 'CMD ["sh"]', empty_layer: true },
  { created: "2026-01-02T03:04:07Z", created_by: "RUN make", comment: "buildkit" },
];

const CONFIG = {
  created: "2026-01-02T03:04:07Z",
  author: "alice",
  config: {
    Env: ["PATH=/bin", "A=b"],
    Cmd: ["sh"],
    Labels: { team: "core", "org.example.json": '{"a":1}' },
    ExposedPorts: { "80/tcp": {} },
    Volumes: { "/data": {} },
    User: "app",
    WorkingDir: "/srv",
  },
  history: HISTORY,
};

const image = imageOf(
  [tarOf([{ name: "a", data: "1" }]), tarOf([{ name: "a", data: "22" }, { name: "b" }])],
  { config: CONFIG },
);
const { digest } = image.manifest.descriptor;

/** Something that is attached: no image, whatever its config says. */
function artifact(
  type: string,
  fields: object,
  mediaType: string = MediaType.ociConfig,
): { blobs: readonly TestBlob[]; manifest: TestBlob } {
  return manifestOf(blobOf("{}", mediaType), [blobOf(`{"of":"${type}"}`, type)], fields);
}

const subject = { subject: image.manifest.descriptor };
const SIGNATURE = artifact("application/vnd.dev.cosign.simplesigning.v1+json", {});
const SBOM = artifact("application/spdx+json", {
  ...subject,
  artifactType: "application/spdx+json",
  annotations: { tool: "syft" },
});
const BUNDLE = artifact("application/vnd.dev.sigstore.bundle.v0.3+json", {
  ...subject,
  artifactType: "application/vnd.dev.sigstore.bundle.v0.3+json",
  annotations: { "dev.sigstore.bundle.predicateType": "https://slsa.dev/provenance/v1" },
});

everyRegistry((start) => {
  test("a manifest is shown with all that belongs to it", async () => {
    await using registry = await start();
    const api = new ApiClient(registry.admin);
    await registry.pushImage("team/app", "v1", image);
    await registry.pushManifest("team/app", "stable", image.manifest);
    await registry.pushImage("team/app", `${digest.replace(":", "-")}.sig`, SIGNATURE);
    await registry.pushImage("team/app", SBOM.manifest.descriptor.digest, SBOM);
    await registry.pushImage("team/app", BUNDLE.manifest.descriptor.digest, BUNDLE);
    await registry.settled();

    const byTag = await api.get("/repository/team/app/manifest/v1");
    assert.equal(byTag.status, 200);
    const { json } = byTag;
    assert.deepEqual(json, (await api.get(`/repository/team/app/manifest/${digest}`)).json);
    assert.equal(json.digest, digest);
    assert.equal(json.is_manifest_list, false);
    assert.equal(json.manifest_data, image.manifest.bytes.toString());
    assert.equal(json.config_media_type, MediaType.ociConfig);
    const [config, low, high] = image.blobs;
    assert.ok(config !== undefined && low !== undefined && high !== undefined);
    assert.equal(json.layers_compressed_size, low.bytes.length + high.bytes.length);
    assert.deepEqual(json.layers, [
      {
        index: 0,
        compressed_size: low.bytes.length,
        is_remote: false,
        urls: null,
        command: ["ADD rootfs /"],
        comment: null,
        author: "alice",
        blob_digest: low.descriptor.digest,
        created_datetime: "Fri, 02 Jan 2026 03:04:05 -0000",
        media_type: "application/vnd.oci.image.layer.v1.tar+gzip",
      },
      {
        index: 1,
        compressed_size: high.bytes.length,
        is_remote: false,
        urls: null,
        command: ["RUN make"],
        comment: "buildkit",
        author: null,
        blob_digest: high.descriptor.digest,
        created_datetime: "Fri, 02 Jan 2026 03:04:07 -0000",
        media_type: "application/vnd.oci.image.layer.v1.tar+gzip",
      },
    ]);
    assert.deepEqual(
      json.history.map((step: { layer: number | null }) => step.layer),
      [0, null, 1],
    );
    assert.equal(json.platform, "linux/amd64");
    assert.equal(json.created, "2026-01-02T03:04:07.000Z");
    assert.deepEqual(json.config, {
      env: ["PATH=/bin", "A=b"],
      entrypoint: null,
      cmd: ["sh"],
      labels: { team: "core", "org.example.json": '{"a":1}' },
      exposed_ports: ["80/tcp"],
      volumes: ["/data"],
      user: "app",
      working_dir: "/srv",
      stop_signal: null,
    });
    assert.deepEqual(json.tags, ["stable", "v1"]);
    assert.equal(
      json.squash.bytes_before,
      image.tars.reduce((sum, tar) => sum + tar.length, 0),
    );
    assert.ok(json.squash.saved_bytes > 0);
    const kinds = json.artifacts.map((one: { kind: string; digest: string }) => [
      one.kind,
      one.digest,
    ]);
    assert.deepEqual(
      new Map(kinds),
      new Map([
        ["signature", SIGNATURE.manifest.descriptor.digest],
        ["sbom", SBOM.manifest.descriptor.digest],
        ["attestation", BUNDLE.manifest.descriptor.digest],
      ]),
    );

    const shown = await api.get(`/repository/team/app/manifest/${SBOM.manifest.descriptor.digest}`);
    assert.equal(shown.json.kind, "artifact");
    assert.equal(shown.json.platform, null);
    assert.equal(shown.json.subject, digest);
    assert.deepEqual(shown.json.annotations, { tool: "syft" });

    const row = await registry.database.read
      .selectFrom("repositories")
      .select("pushed_at")
      .where("name", "=", "team/app")
      .executeTakeFirstOrThrow();
    assert.ok(Math.abs((row.pushed_at ?? 0) - Date.now()) < 60_000);
    assert.equal(
      (await api.get("/repository/team/app/manifest/none")).outcome,
      "404 MANIFEST_UNKNOWN",
    );
    assert.equal(
      (await api.get("/repository/team/app/manifest/sha256:x")).outcome,
      "400 DIGEST_INVALID",
    );
    assert.equal((await api.get("/repository/team/app/manifest/%20")).outcome, "400 TAG_INVALID");
  });

  test("an index tells which of its manifests are there", async () => {
    await using registry = await start();
    const api = new ApiClient(registry.admin);
    await registry.pushImage("team/app", digest, image);
    const absent = digestOf(Buffer.from("absent"));
    const attestation = artifact("application/vnd.in-toto+json", {});
    await registry.pushImage("team/app", attestation.manifest.descriptor.digest, attestation);
    const index = indexOf([
      { ...image.manifest.descriptor, platform: { os: "linux", architecture: "amd64" } },
      {
        ...image.manifest.descriptor,
        digest: absent,
        platform: { os: "linux", architecture: "arm64", variant: "v8" },
      },
      {
        ...attestation.manifest.descriptor,
        platform: { os: "unknown", architecture: "unknown" },
        annotations: {
          "vnd.docker.reference.type": "attestation-manifest",
          "vnd.docker.reference.digest": digest,
        },
      },
    ]);
    await registry.pushManifest("team/app", "multi", index);
    const { json } = await api.get("/repository/team/app/manifest/multi");
    assert.equal(json.is_manifest_list, true);
    assert.equal(json.layers, null);
    assert.equal(json.kind, "index");
    assert.equal(json.is_sparse, true);
    assert.deepEqual([json.child_manifest_count, json.present_child_count], [3, 2]);
    const children = json.child_manifests.map(
      (child: { platform: string; present: boolean; attestation_of: string | null }) => [
        child.platform,
        child.present,
        child.attestation_of,
      ],
    );
    assert.deepEqual(children, [
      ["linux/amd64", true, null],
      ["linux/arm64/v8", false, null],
      [null, true, digest],
    ]);
    assert.equal(
      json.child_manifests[0].size,
      image.blobs.reduce((sum, { bytes }) => sum + bytes.length, 0),
    );
  });

  test("platform and labels are written down after the push, whatever the config is", async () => {
    await using registry = await start();
    await registry.pushImage("team/app", "good", image);
    const hostile = [
      "not json",
      "[]",
      '{"os":1,"architecture":{},"config":{"Labels":[1]}}',
      JSON.stringify({
        os: "linux",
        architecture: "arm64",
        variant: "v8",
        config: {
          Labels: {
            "": "empty",
            nul: "a\0b",
            number: 3,
            half: "\ud800",
            long: "x".repeat(300_000),
            __proto__: "set",
            kept: "yes",
          },
        },
      }),
      JSON.stringify({ os: "lin ux", architecture: "../amd64", created: "never" }),
      `{"os":"linux","architecture":"${"x".repeat(500)}"}`,
    ].map((config) =>
      manifestOf(blobOf(config, MediaType.ociConfig), [
        blobOf(gzipSync(tarOf([])), "application/vnd.oci.image.layer.v1.tar+gzip"),
      ]),
    );
    for (const [number, one] of hostile.entries()) {
      await registry.pushImage("team/app", `hostile${number}`, one);
    }
    await registry.pushImage("team/app", "chart", artifact("application/vnd.cncf.helm.chart", {}));
    await registry.settled();
    const rows = await registry.database.read
      .selectFrom("manifests")
      .select(["digest", "platform", "config_digest", "described_at"])
      .execute();
    assert.ok(rows.every((row) => row.described_at !== null && row.config_digest !== null));
    const platformOf = (wanted: string): string | null | undefined =>
      rows.find((row) => row.digest === wanted)?.platform;
    assert.equal(platformOf(digest), "linux/amd64");
    assert.deepEqual(
      hostile.map(({ manifest }) => platformOf(manifest.descriptor.digest)),
      [null, null, null, "linux/arm64/v8", null, null],
    );
    const api = new ApiClient(registry.admin);
    const labels = await api.get("/repository/team/app/manifest/hostile3/labels");
    const pairs = labels.json.labels.map((one: { key: string; value: string }) => [
      one.key,
      one.value,
    ]);
    assert.deepEqual(pairs, [
      ["half", "\ufffd"],
      ["kept", "yes"],
    ]);
    for (const number of hostile.keys()) {
      assert.equal((await api.get(`/repository/team/app/manifest/hostile${number}`)).status, 200);
    }
    // Describing again changes nothing: the ids stay.
    const before = (await api.get("/repository/team/app/manifest/good/labels")).json.labels;
    await registry.database.transaction(async (trx) => {
      await trx.updateTable("manifests").set({ described_at: null }).execute();
    });
    await registry.restart();
    await until(async () => {
      const row = await registry.database.read
        .selectFrom("manifests")
        .select("digest")
        .where("described_at", "is", null)
        .executeTakeFirst();
      return row === undefined;
    });
    const again = new ApiClient(registry.admin);
    assert.deepEqual(
      (await again.get("/repository/team/app/manifest/good/labels")).json.labels,
      before,
    );
  });

  test("a deleted manifest is gone with its tags, unless it is protected", async () => {
    await using registry = await start();
    const api = new ApiClient(registry.admin);
    await registry.pushImage("team/app", "v1", image);
    const reader = new ApiClient(await registry.user("rita"));
    await registry.permit("rita", "team/app", "read");
    const path = `/repository/team/app/manifest/${digest}`;
    assert.equal((await reader.delete(path)).outcome, "403 DENIED");
    await registry.database.transaction(async (trx) => {
      await trx.updateTable("tags").set({ immutable: 1 }).execute();
    });
    assert.equal((await api.delete(path)).outcome, "409 TAG_IMMUTABLE");
    await registry.database.transaction(async (trx) => {
      await trx.updateTable("tags").set({ immutable: 0 }).execute();
    });
    assert.equal((await api.delete(path)).status, 204);
    assert.equal((await api.get(path)).outcome, "404 MANIFEST_UNKNOWN");
    assert.equal(
      (await api.get("/repository/team/app/manifest/v1")).outcome,
      "404 MANIFEST_UNKNOWN",
    );
    assert.equal((await api.delete(path)).outcome, "404 MANIFEST_UNKNOWN");
  });
});
