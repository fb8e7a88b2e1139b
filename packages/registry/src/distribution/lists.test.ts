import assert from "node:assert/strict";
import { test } from "node:test";
import { digestOf, MediaType } from "@wharf/image";
import type { HttpClient } from "../testing/http-client.ts";
import { blobOf, indexOf, manifestOf, smallImage } from "../testing/test-image.ts";
import type { TestBlob } from "../testing/test-image.ts";
import { everyRegistry } from "../testing/test-registry.ts";
import type { TestRegistry } from "../testing/test-registry.ts";

/** Follows `Link` to the end. */
async function pages(client: HttpClient, path: string, field: string): Promise<unknown[][]> {
  const found: unknown[][] = [];
  for (let next: string | undefined = path; next !== undefined;) {
    const { status, json, headers } = await client.get(next);
    assert.equal(status, 200);
    found.push(Object.values(json[field] ?? {}));
    const link = headers.link?.toString();
    next = link === undefined ? undefined : /^<(\/v2\/[^>]+)>; rel="next"$/.exec(link)?.[1];
    assert.equal(link === undefined, next === undefined, `the link ${link} leads on`);
    assert.ok(found.length < 50, "the pages have no end");
  }
  return found;
}

async function pushReferrer(
  registry: TestRegistry,
  fields: { artifactType?: string; annotations?: Record<string, string>; config?: TestBlob },
  subject: { readonly [field: string]: unknown },
): Promise<TestBlob> {
  const { config = blobOf("{}", "application/vnd.oci.empty.v1+json"), ...rest } = fields;
  await registry.push("team/app", config);
  const { manifest } = manifestOf(config, [], { ...rest, subject });
  await registry.pushManifest("team/app", manifest.descriptor.digest, manifest);
  return manifest;
}

everyRegistry((start) => {
  test("tags come in the order of their bytes, page by page", async () => {
    await using registry = await start({ config: { registry: { pageSize: 6 } } });
    const { blobs, manifest } = smallImage();
    for (const blob of blobs) await registry.push("team/app", blob);
    const tags = ["B", "_", "a", "a-1", "a.1", "a_1", "b", "Z", "1"];
    const query = tags.map((tag) => `tag=${tag}`).join("&");
    await registry.pushManifest("team/app", `${manifest.descriptor.digest}?${query}`, manifest);
    const sorted = ["1", "B", "Z", "_", "a", "a-1", "a.1", "a_1", "b"];
    const list = "/v2/team/app/tags/list";
    assert.deepEqual(await pages(registry.admin, list, "tags"), [
      sorted.slice(0, 6),
      sorted.slice(6),
    ]);
    assert.deepEqual(await pages(registry.admin, `${list}?n=4`, "tags"), [
      sorted.slice(0, 4),
      sorted.slice(4, 8),
      ["b"],
    ]);
    assert.deepEqual(await pages(registry.admin, `${list}?n=100`, "tags"), [
      sorted.slice(0, 6),
      sorted.slice(6),
    ]);
    assert.deepEqual(await pages(registry.admin, `${list}?n=0`, "tags"), [[]]);
    assert.deepEqual(await pages(registry.admin, `${list}?last=a`, "tags"), [sorted.slice(5)]);
    assert.deepEqual(await pages(registry.admin, `${list}?last=a-0&n=1`, "tags"), [
      ["a-1"],
      ["a.1"],
      ["a_1"],
      ["b"],
    ]);
    assert.deepEqual(await pages(registry.admin, `${list}?last=zzz`, "tags"), [[]]);
    assert.deepEqual(
      await pages(registry.admin, `${list}?last=${encodeURIComponent("é%&'\"\\")}`, "tags"),
      [[]],
    );
    const exact = await registry.admin.get(`${list}?last=B&n=6`);
    assert.equal(exact.json["name"], "team/app");
    assert.equal((await registry.admin.get("/v2/team/none/tags/list")).outcome, "404 NAME_UNKNOWN");
  });

  test("a push and a deletion show in the list at once", async () => {
    await using registry = await start();
    const list = async (): Promise<unknown> =>
      (await registry.admin.get("/v2/team/app/tags/list")).json["tags"];
    const image = smallImage();
    await registry.pushImage("team/app", "one", image);
    assert.deepEqual(await list(), ["one"]);
    await registry.pushManifest("team/app", "two", image.manifest);
    assert.deepEqual(await list(), ["one", "two"]);
    await registry.admin.delete("/v2/team/app/manifests/one");
    assert.deepEqual(await list(), ["two"]);
    await registry.admin.delete(`/v2/team/app/manifests/${image.manifest.descriptor.digest}`);
    assert.deepEqual(await list(), []);
  });

  test("referrers tell what there is about a subject, there or not", async () => {
    await using registry = await start();
    const image = smallImage();
    await registry.pushImage("team/app", "latest", image);
    const subject = image.manifest.descriptor;
    const list = `/v2/team/app/referrers/${subject.digest}`;
    const empty = await registry.admin.get(list);
    assert.equal(empty.headers["content-type"], MediaType.ociIndex);
    assert.deepEqual(empty.json, {
      schemaVersion: 2,
      mediaType: MediaType.ociIndex,
      manifests: [],
    });
    const annotations = { "org.example": 'a "b" é \u0000', ["__proto__"]: "x" };
    const sbom = await pushReferrer(
      registry,
      { artifactType: "application/x.sbom+json", annotations },
      subject,
    );
    const signature = await pushReferrer(
      registry,
      { config: blobOf("{}", "application/x.signature") },
      subject,
    );
    const index = indexOf([], { subject, artifactType: "application/x.set" });
    await registry.pushManifest("team/app", "set", index);
    const entry = ({ descriptor }: TestBlob, artifactType: string, more = {}): object => ({
      ...descriptor,
      artifactType,
      ...more,
    });
    const all = [
      entry(sbom, "application/x.sbom+json", { annotations }),
      entry(signature, "application/x.signature"),
      entry(index, "application/x.set"),
    ].map((each) => JSON.stringify(each));
    const found = await registry.admin.get(list);
    const shown = Object.values(found.json["manifests"] ?? {}).map((each) => JSON.stringify(each));
    assert.deepEqual(shown.map(byKeys).toSorted(), all.map(byKeys).toSorted());
    assert.equal(found.headers["oci-filters-applied"], undefined);

    const filtered = await registry.admin.get(`${list}?artifactType=application/x.sbom%2Bjson`);
    assert.equal(filtered.headers["oci-filters-applied"], "artifactType");
    assert.equal(filtered.json["manifests"]?.["0"]?.["digest"], sbom.descriptor.digest);
    assert.equal(filtered.json["manifests"]?.["length"], 1);
    const none = await registry.admin.get(`${list}?artifactType=other`);
    assert.equal(none.json["manifests"]?.["length"], 0);

    const byTag = await registry.admin.get(
      `/v2/team/app/manifests/${subject.digest.replace(":", "-")}`,
    );
    assert.deepEqual(byTag.json, found.json);
    assert.equal(byTag.headers["docker-content-digest"], digestOf(byTag.body));
    await registry.admin.delete(`/v2/team/app/manifests/${subject.digest}`);
    assert.deepEqual((await registry.admin.get(list)).json, found.json);
    await registry.admin.delete(`/v2/team/app/manifests/${sbom.descriptor.digest}`);
    assert.equal((await registry.admin.get(list)).json["manifests"]?.["length"], 2);
  });

  test("a tag of that name that somebody has pushed wins", async () => {
    await using registry = await start();
    const image = smallImage();
    await registry.pushImage("team/app", "latest", image);
    const subject = image.manifest.descriptor;
    await pushReferrer(registry, { artifactType: "application/x.sbom" }, subject);
    const tag = subject.digest.replace(":", "-");
    const own = indexOf([]);
    await registry.pushManifest("team/app", tag, own);
    assert.ok((await registry.admin.get(`/v2/team/app/manifests/${tag}`)).body.equals(own.bytes));
    const other = `sha256-${"0".repeat(64)}`;
    assert.equal((await registry.admin.get(`/v2/team/app/manifests/${other}`)).status, 404);
  });

  test("referrers of a repository that is not there are none, for whoever may look", async () => {
    await using registry = await start();
    const path = `/v2/team/none/referrers/sha256:${"0".repeat(64)}`;
    assert.equal((await registry.admin.get(path)).json["manifests"]?.["length"], 0);
    assert.equal((await registry.client().get(path)).outcome, "401 UNAUTHORIZED");
    assert.equal(
      (await registry.admin.get("/v2/team/none/referrers/sha256:0")).outcome,
      "400 DIGEST_INVALID",
    );
  });

  test("referrers come page by page, whatever their annotations take", async () => {
    await using registry = await start();
    const subject = {
      mediaType: MediaType.ociManifest,
      digest: digestOf(Buffer.from("gone")),
      size: 7,
    };
    const digests: string[] = [];
    for (let number = 0; number < 25; number++) {
      const annotations = { number: String(number), pad: "é".repeat(number < 4 ? 900_000 : 1) };
      const manifest = await pushReferrer(
        registry,
        { artifactType: "application/x.y", annotations },
        subject,
      );
      digests.push(manifest.descriptor.digest);
    }
    digests.sort();
    const path = `/v2/team/app/referrers/${subject.digest}`;
    for (const query of ["", "?n=7", "?artifactType=application/x.y&n=20", "?n=25", "?n=1000"]) {
      const found = await pages(registry.admin, path + query, "manifests");
      const listed = found.flat().map((each) => (each as { digest: string }).digest); // as the API has it
      assert.deepEqual(listed, digests, query);
      assert.ok(found.every((page) => JSON.stringify(page).length < 4 * 1024 * 1024));
      assert.ok(found.length > 1, "4 annotations of 1.8 MB do not fit into one page");
    }
    assert.deepEqual(await pages(registry.admin, `${path}?n=0`, "manifests"), [[]]);
  });

  test("the catalog has what the caller may see, page by page", async () => {
    await using registry = await start();
    await registry.organization("other");
    for (const name of ["team/a", "team/b", "team/c", "other/x", "other/y"]) {
      await registry.push(name, Buffer.from("x"));
    }
    await registry.change("other/y", { visibility: "public" });
    const robot = await registry.robot("ci");
    await registry.permit("team+ci", "team/b", "read");
    const catalog = "/v2/_catalog";
    const all = ["other/x", "other/y", "team/a", "team/b", "team/c"];
    assert.deepEqual(await pages(registry.admin, catalog, "repositories"), [all]);
    assert.deepEqual(await pages(registry.admin, `${catalog}?n=2`, "repositories"), [
      all.slice(0, 2),
      all.slice(2, 4),
      ["team/c"],
    ]);
    assert.deepEqual(await pages(registry.admin, `${catalog}?n=0`, "repositories"), [[]]);
    assert.deepEqual(await pages(registry.admin, `${catalog}?last=team/a`, "repositories"), [
      ["team/b", "team/c"],
    ]);
    assert.deepEqual(await pages(robot, `${catalog}?n=1`, "repositories"), [
      ["other/y"],
      ["team/b"],
    ]);
    const stranger = await registry.user("stranger");
    assert.deepEqual(await pages(stranger, catalog, "repositories"), [["other/y"]]);
    const anonymous = await registry.client().get(catalog);
    assert.equal(anonymous.outcome, "401 UNAUTHORIZED");
    assert.match(anonymous.headers["www-authenticate"] ?? "", /scope="registry:catalog:\*"/);
  });
});

/** The same text for the same object, in whatever order its keys come. */
function byKeys(text: string): string {
  const entries = Object.entries(JSON.parse(text) as object); // an object of the API
  return entries
    .map((entry) => JSON.stringify(entry))
    .toSorted()
    .join();
}
