import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { before, test } from "node:test";

import { curl, curlStatus } from "../../clients/curl.ts";
import type { Scenario } from "../scenario.ts";
import { writeSmallContext } from "../small-image.ts";

const MANIFEST = "application/vnd.oci.image.manifest.v1+json";
const INDEX = "application/vnd.oci.image.index.v1+json";
const SBOM = "application/spdx+json";

interface Descriptor {
  readonly mediaType: string;
  readonly digest: string;
  readonly size: number;
  readonly artifactType?: string;
}

export const ARTIFACT: Scenario = {
  title: "an artifact that belongs to an image",
  commands: [],
  declare: (world) => {
    let subject: Descriptor;
    let artifact: Descriptor;

    before(async () => {
      const { podman, scratch } = world();
      await writeSmallContext(scratch.at("artifact-context"), { text: "for artifacts" });
      await podman.buildah(
        "bud",
        "--layers",
        "--tag=localhost/a:1",
        scratch.at("artifact-context"),
      );
      const name = `docker://${world().image("team/artifact:1")}`;
      await podman.buildah("push", "--quiet", "--format=oci", "localhost/a:1", name);
      const raw = Buffer.from(await world().skopeo("inspect", "--raw", name));
      subject = { mediaType: MANIFEST, digest: digestOf(raw), size: raw.length };
    });

    test("is pushed by plain HTTP, and the registry says that it knows the subject", async () => {
      const config = await pushBlob("application/vnd.oci.empty.v1+json", "{}");
      const layer = await pushBlob(SBOM, '{"spdxVersion":"SPDX-2.3"}');
      const manifest = JSON.stringify({
        schemaVersion: 2,
        mediaType: MANIFEST,
        artifactType: SBOM,
        config,
        layers: [layer],
        subject,
        annotations: { "org.example.made": "by hand" },
      });
      artifact = {
        mediaType: MANIFEST,
        digest: digestOf(manifest),
        size: Buffer.byteLength(manifest),
        artifactType: SBOM,
      };
      const answer = await request("PUT", `manifests/${artifact.digest}`, manifest, MANIFEST);
      assert.equal(answer.status, 201);
      assert.equal(answer.headers.get("oci-subject"), subject.digest);
      assert.equal(answer.headers.get("docker-content-digest"), artifact.digest);
    });

    test("is listed with the referrers of the image, filtered by its type", async () => {
      const expected = { ...artifact, annotations: { "org.example.made": "by hand" } };
      assert.deepEqual(await referrers(""), { manifests: [expected], filters: null });
      assert.deepEqual(await referrers(`?artifactType=${encodeURIComponent(SBOM)}`), {
        manifests: [expected],
        filters: "artifactType",
      });
      assert.deepEqual((await referrers("?artifactType=application/other")).manifests, []);
    });

    test("is copied by skopeo, byte for byte", async () => {
      const name = `docker://${world().image("team/artifact")}@${artifact.digest}`;
      const folder = `dir:${world().scratch.at("artifact")}`;
      await world().skopeo("copy", "--quiet", "--preserve-digests", name, folder);
      const to = `docker://${world().image("team/artifact-copy:sbom")}`;
      await world().skopeo("copy", "--quiet", "--preserve-digests", folder, to);
      assert.equal(digestOf(await world().skopeo("inspect", "--raw", to)), artifact.digest);
    });

    test("cannot be squashed, and is told so; an archive takes it along", async () => {
      const { server, alice, scratch } = world();
      const url = server.urlFor(alice);
      assert.equal(await curlStatus(`${url}/c1/squash/team/artifact@${artifact.digest}`), 415);
      const file = scratch.at("artifact.tar");
      await curl("--output", file, `${url}/c1/archive/team/artifact@${artifact.digest}?format=oci`);
      const raw = await world().skopeo("inspect", "--raw", `oci-archive:${file}`);
      assert.equal(digestOf(raw), artifact.digest);
    });

    test("goes, and is not listed any more", async () => {
      assert.equal((await request("DELETE", `manifests/${artifact.digest}`)).status, 202);
      assert.deepEqual((await referrers("")).manifests, []);
    });

    async function referrers(
      query: string,
    ): Promise<{ manifests: unknown[]; filters: string | null }> {
      const answer = await request("GET", `referrers/${subject.digest}${query}`);
      assert.equal(answer.status, 200);
      assert.equal(answer.headers.get("content-type"), INDEX);
      const { manifests } = (await answer.json()) as { manifests: unknown[] };
      return { manifests, filters: answer.headers.get("oci-filters-applied") };
    }

    async function pushBlob(mediaType: string, content: string): Promise<Descriptor> {
      const begun = await request("POST", "blobs/uploads/", "");
      assert.equal(begun.status, 202);
      const place = new URL(begun.headers.get("location") ?? "", world().server.url);
      place.searchParams.set("digest", digestOf(content));
      const ended = await request("PUT", place, content, "application/octet-stream");
      assert.equal(ended.status, 201);
      return { mediaType, digest: digestOf(content), size: Buffer.byteLength(content) };
    }

    function request(
      method: string,
      place: string | URL,
      body?: string,
      type?: string,
    ): Promise<Response> {
      const { server, alice } = world();
      const basic = Buffer.from(`${alice.name}:${alice.password}`).toString("base64");
      return fetch(new URL(place, `${server.url}/v2/team/artifact/`), {
        method,
        headers: {
          Authorization: `Basic ${basic}`,
          ...(type === undefined ? {} : { "Content-Type": type }),
        },
        ...(body === undefined ? {} : { body }),
      });
    }
  },
};

function digestOf(content: string | Uint8Array): string {
  return `sha256:${createHash("sha256").update(content).digest("hex")}`;
}
