import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { test } from "node:test";
import { digestOf } from "@wharf/image";
import { textIn } from "../testing/http-client.ts";
import { blobOf, smallImage } from "../testing/test-image.ts";
import { everyRegistry } from "../testing/test-registry.ts";

everyRegistry((start) => {
  test("a first push creates the repository, private or as configured, and who made it may read it", async () => {
    await using registry = await start();
    const robot = await registry.robot("ci");
    const user = await registry.user("ada");
    await registry.pushImage("ada/tools/linter", "latest", smallImage(), user);
    assert.equal((await user.get("/v2/ada/tools/linter/manifests/latest")).status, 200);
    assert.equal(
      (await robot.get("/v2/ada/tools/linter/manifests/latest")).outcome,
      "404 NAME_UNKNOWN",
    );
    assert.equal(
      (await registry.client().get("/v2/ada/tools/linter/manifests/latest")).status,
      401,
    );
    await registry.restart({ registry: { createdByPush: "public" } });
    await registry.push("team/open", Buffer.from("x"));
    assert.equal((await registry.client().get("/v2/team/open/tags/list")).status, 200);
  });

  test("a push where there is no namespace says what to do, one without the right is refused", async () => {
    await using registry = await start();
    const user = await registry.user("ada");
    const missing = await registry.admin.post("/v2/nobody/app/blobs/uploads/");
    assert.equal(missing.outcome, "404 NAME_UNKNOWN");
    assert.match(missing.body.toString(), /wharf admin organization create nobody/);
    for (const [method, path, outcome] of [
      ["POST", "/v2/team/app/blobs/uploads/", "403 DENIED"],
      ["PUT", "/v2/team/app/manifests/x", "403 DENIED"],
      ["GET", "/v2/team/app/manifests/x", "404 NAME_UNKNOWN"],
      ["DELETE", "/v2/team/app/manifests/x", "404 NAME_UNKNOWN"],
    ] as const) {
      assert.equal((await user.ask(method, path, { body: "{}" })).outcome, outcome, method);
    }
    assert.equal((await registry.contents()).repositories, 0);
  });

  test("who has no login is told where to get one, and for what", async () => {
    await using registry = await start();
    await registry.push("team/app", Buffer.from("x"));
    const digest = digestOf(Buffer.from("x"));
    for (const [method, path, scope] of [
      ["GET", "/v2/", undefined],
      ["GET", "/v2/team/app/manifests/x", "repository:team/app:pull"],
      ["GET", "/v2/team/missing/manifests/x", "repository:team/missing:pull"],
      ["HEAD", `/v2/team/app/blobs/${digest}`, "repository:team/app:pull"],
      ["GET", "/v2/team/app/tags/list", "repository:team/app:pull"],
      ["GET", `/v2/team/app/referrers/${digest}`, "repository:team/app:pull"],
      ["POST", "/v2/team/app/blobs/uploads/", "repository:team/app:pull,push"],
      ["PATCH", "/v2/team/app/blobs/uploads/x", "repository:team/app:pull,push"],
      ["PUT", "/v2/team/app/manifests/x", "repository:team/app:pull,push"],
      ["DELETE", "/v2/team/app/manifests/x", "repository:team/app:delete"],
      ["DELETE", `/v2/team/app/blobs/${digest}`, "repository:team/app:delete"],
      ["GET", "/v2/_catalog", "registry:catalog:*"],
    ] as const) {
      const refused = await registry.client().ask(method, path, {});
      assert.equal(refused.status, 401, `${method} ${path}`);
      const more = scope === undefined ? "" : `,scope="${scope}"`;
      assert.equal(
        refused.headers["www-authenticate"],
        `Bearer realm="${registry.url}/v2/auth",service="${registry.host}"${more}`,
      );
      if (method !== "HEAD") assert.equal(refused.outcome, "401 UNAUTHORIZED");
    }
  });

  test("a token does what it says and nothing else, and a push of a new image works with one", async () => {
    await using registry = await start();
    const token = async (scope: string): Promise<string> =>
      `Bearer ${textIn((await registry.admin.get(`/v2/auth?scope=${scope}`)).json["token"])}`;
    const push = registry.client(await token("repository:team/app:pull,push"));
    await registry.pushImage("team/app", "latest", smallImage(), push);
    assert.equal((await push.get("/v2/team/app/manifests/latest")).status, 200);
    const refused = await push.delete("/v2/team/app/manifests/latest");
    assert.equal(refused.outcome, "401 UNAUTHORIZED");
    assert.match(
      refused.headers["www-authenticate"] ?? "",
      /scope="repository:team\/app:delete",error="insufficient_scope"$/,
    );
    const pull = registry.client(await token("repository:team/app:pull"));
    assert.equal((await pull.get("/v2/team/app/manifests/latest")).status, 200);
    assert.equal((await pull.post("/v2/team/app/blobs/uploads/")).status, 401);
    const { digest } = smallImage().manifest.descriptor;
    const remove = registry.client(await token("repository:team/app:delete"));
    assert.equal((await remove.delete(`/v2/team/app/manifests/${digest}`)).status, 202);
  });

  test("a read-only repository is read, and nothing else", async () => {
    await using registry = await start();
    const image = smallImage();
    await registry.pushImage("team/app", "latest", image);
    const upload =
      (await registry.admin.post("/v2/team/app/blobs/uploads/")).headers.location ?? "";
    await registry.change("team/app", { state: "read-only" });
    assert.equal((await registry.admin.get("/v2/team/app/manifests/latest")).status, 200);
    for (const [method, path] of [
      ["POST", "/v2/team/app/blobs/uploads/"],
      ["PATCH", upload],
      ["PUT", "/v2/team/app/manifests/x"],
      ["DELETE", "/v2/team/app/manifests/latest"],
      ["DELETE", `/v2/team/app/blobs/${image.blobs[0]?.descriptor.digest}`],
    ] as const) {
      assert.equal(
        (await registry.admin.ask(method, path, { body: "x" })).outcome,
        "403 DENIED",
        path,
      );
    }
  });

  test("first pushes to one name at the same time make one repository", async () => {
    await using registry = await start();
    const blobs = Array.from({ length: 6 }, () => blobOf(randomBytes(100), "x"));
    await Promise.all(blobs.map((blob) => registry.push("team/app", blob)));
    const { repositories, repository_blobs: links } = await registry.contents();
    assert.deepEqual({ repositories, links }, { repositories: 1, links: 6 });
  });
});
