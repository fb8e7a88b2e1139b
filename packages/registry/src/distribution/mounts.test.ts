import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { test } from "node:test";
import { digestOf } from "@wharf/image";
import { createOauthToken } from "../accounts/admin/access-secrets.ts";
import { OPERATOR } from "../accounts/admin/actor.ts";
import { textIn } from "../testing/http-client.ts";
import { basic, everyRegistry } from "../testing/test-registry.ts";

everyRegistry((start) => {
  test("a blob is mounted from a repository that is named, from any, and where it is already", async () => {
    await using registry = await start();
    const bytes = randomBytes(1000);
    const digest = digestOf(bytes);
    await registry.push("team/app", bytes);
    for (const [target, from] of [
      ["team/named", "&from=team/app"],
      ["team/any", ""],
      ["team/empty", "&from="],
      ["team/app", ""],
      ["team/app", "&from=team/nothing"],
    ] as const) {
      const mounted = await registry.admin.post(
        `/v2/${target}/blobs/uploads/?mount=${digest}${from}`,
      );
      assert.equal(mounted.status, 201, target + from);
      assert.equal(mounted.headers.location, `/v2/${target}/blobs/${digest}`);
      assert.equal(mounted.headers["docker-content-digest"], digest);
      assert.ok((await registry.admin.get(`/v2/${target}/blobs/${digest}`)).body.equals(bytes));
    }
    assert.equal((await registry.contents()).blobs, 1);
  });

  test("a mount that cannot be is the beginning of an upload", async () => {
    await using registry = await start();
    const bytes = randomBytes(1000);
    const digest = digestOf(bytes);
    await registry.push("admin/secret", bytes);
    const robot = await registry.robot("ci");
    await registry.push("team/app", Buffer.from("x"));
    await registry.permit("team+ci", "team/app", "write");
    for (const from of [
      "",
      "&from=admin/secret",
      "&from=no/such",
      "&from=..%2fetc",
      "&from=%00",
      "&from=team/app",
    ]) {
      const upload = await robot.post(`/v2/team/app/blobs/uploads/?mount=${digest}${from}`);
      assert.equal(upload.status, 202, from);
      const put = `${upload.headers.location}?digest=${digest}`;
      assert.equal((await robot.get(`/v2/team/app/blobs/${digest}`)).status, 404);
      assert.equal((await robot.put(put, "other bytes")).outcome, "400 DIGEST_INVALID");
    }
    await registry.change("admin/secret", { visibility: "public" });
    assert.equal((await robot.post(`/v2/team/app/blobs/uploads/?mount=${digest}`)).status, 201);
  });

  test("a blob that its repository has deleted cannot be mounted from there", async () => {
    await using registry = await start();
    const bytes = randomBytes(1000);
    const digest = digestOf(bytes);
    await registry.push("team/app", bytes);
    assert.equal((await registry.admin.delete(`/v2/team/app/blobs/${digest}`)).status, 202);
    for (const from of ["", "&from=team/app"]) {
      const upload = await registry.admin.post(
        `/v2/team/other/blobs/uploads/?mount=${digest}${from}`,
      );
      assert.equal(upload.status, 202);
    }
  });

  test("a mount while the source is deleted either works for good or not at all", async () => {
    await using registry = await start();
    for (let round = 0; round < 5; round++) {
      const bytes = randomBytes(100);
      const digest = digestOf(bytes);
      await registry.push("team/app", bytes);
      const [deleted, ...mounts] = await Promise.all([
        registry.admin.delete(`/v2/team/app/blobs/${digest}`),
        ...[1, 2, 3].map((number) =>
          registry.admin.post(
            `/v2/team/target${number}/blobs/uploads/?mount=${digest}&from=team/app`,
          ),
        ),
      ]);
      assert.equal(deleted.status, 202);
      for (const [index, { status }] of mounts.entries()) {
        const got = await registry.admin.get(`/v2/team/target${index + 1}/blobs/${digest}`);
        assert.equal(got.status, status === 201 ? 200 : 404);
      }
    }
  });

  test("what a token may not read is not mounted, though its account may read it", async () => {
    await using registry = await start();
    const { administration } = registry;
    const bytes = randomBytes(100);
    await registry.push("team/secret", bytes);
    await registry.push("team/app", randomBytes(10));
    const mint = async (repositories?: readonly string[]): Promise<string> => {
      const made = await createOauthToken(administration, OPERATOR, "admin", { title: "t" });
      const limits = {
        scopes: "repo:write",
        repositories: repositories === undefined ? null : JSON.stringify(repositories),
      };
      await administration.database.transaction((trx) =>
        trx.updateTable("credentials").set(limits).where("id", "=", made.id).execute(),
      );
      const holder = registry.client(basic("$oauthtoken", made.secret));
      const scope = "scope=repository:team/app:pull,push";
      return textIn((await holder.get(`/v2/auth?${scope}`)).json["token"]);
    };
    await registry.permit("admin", "team/app", "write");
    await registry.permit("admin", "team/secret", "read");
    const path = `/v2/team/app/blobs/uploads/?mount=${digestOf(bytes)}`;
    for (const from of ["", "&from=team/secret"]) {
      const limited = registry.client(`Bearer ${await mint(["team/app"])}`);
      assert.equal((await limited.post(path + from)).status, 202, from);
    }
    const whole = registry.client(`Bearer ${await mint()}`);
    assert.equal((await whole.post(path)).status, 201);
  });

  test("a digest that is none is told", async () => {
    await using registry = await start();
    const wrong = await registry.admin.post("/v2/team/app/blobs/uploads/?mount=sha256:xyz");
    assert.equal(wrong.outcome, "400 DIGEST_INVALID");
    assert.deepEqual(wrong.detail, { digest: "sha256:xyz" });
    assert.equal((await registry.contents()).repositories, 0);
  });
});
