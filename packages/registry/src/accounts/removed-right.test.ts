import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { test } from "node:test";
import { digestOf } from "@wharf/image";
import { GarbageCollector } from "../garbage/garbage-collector.ts";
import { SILENT_LOGGER } from "../log.ts";
import { ApiClient } from "../testing/api-client.ts";
import { textIn } from "../testing/http-client.ts";
import type { HttpClient } from "../testing/http-client.ts";
import { smallImage } from "../testing/test-image.ts";
import { everyRegistry } from "../testing/test-registry.ts";
import type { TestRegistry } from "../testing/test-registry.ts";
import { OPERATOR } from "./admin/actor.ts";
import { removeRepositoryPermission } from "./admin/repository-permissions.ts";

/** Longer than what is stored without an upload of its own. */
const LARGE = 300 * 1024;

/** An upload of wanda's that has some bytes; she may push until somebody takes that from her. */
interface Begun {
  readonly wanda: HttpClient;
  readonly location: string;
  readonly bytes: Buffer;
}

async function begin(registry: TestRegistry, wanda: HttpClient): Promise<Begun> {
  const begun = await wanda.post("/v2/team/app/blobs/uploads/");
  assert.equal(begun.status, 202);
  const { location } = begun.headers;
  assert(location !== undefined);
  const bytes = randomBytes(2 * LARGE);
  const { status } = await wanda.patch(location, bytes.subarray(0, LARGE));
  assert.equal(status, 202);
  assert.equal((await registry.contents()).uploads, 1);
  return { wanda, location, bytes };
}

/** Nothing of the upload goes on, and what was there before is as it was. */
async function assertRefused({ wanda, location, bytes }: Begun): Promise<void> {
  const rest = bytes.subarray(LARGE);
  const url = `${location}${location.includes("?") ? "&" : "?"}digest=${digestOf(bytes)}`;
  for (const answer of [
    await wanda.patch(location, rest),
    await wanda.put(url, rest),
    await wanda.get(location),
    await wanda.post(`/v2/team/app/blobs/uploads/?digest=${digestOf(rest)}`, rest),
    await wanda.put("/v2/team/app/manifests/v2", smallImage().manifest.bytes, {
      headers: { "content-type": smallImage().manifest.descriptor.mediaType },
    }),
  ]) {
    assert.match(answer.outcome, /^(403 DENIED|404 NAME_UNKNOWN)$/);
  }
}

async function collectLater(registry: TestRegistry): Promise<void> {
  await using store = await registry.openStore();
  const collector = new GarbageCollector({
    database: registry.database,
    store,
    config: registry.config,
    log: SILENT_LOGGER,
    now: () => Date.now() + 2 * registry.config.registry.uploadExpiration,
  });
  await collector.collect();
}

everyRegistry((start) => {
  test("a right that is taken away during an upload ends it, and leaves nothing half-made", async () => {
    await using registry = await start();
    await registry.pushImage("team/app", "v1", smallImage());
    const admin = new ApiClient(registry.admin);
    const wanda = await registry.user("wanda");
    await admin.put("/organization/team/team/devs", { role: "member" });
    await admin.put("/repository/team/app/permissions/team/devs", { role: "write" });
    await registry.settled();
    const before = await registry.contents();
    const join = (): Promise<unknown> => admin.put("/organization/team/team/devs/members/wanda");
    const remove = async (path: string): Promise<void> => {
      assert.equal((await admin.delete(path)).status, 204, path);
    };

    // The right has many ways to come, and all of them end the same way.
    for (const [come, go] of [
      [
        () => registry.permit("wanda", "team/app", "write"),
        () => remove("/repository/team/app/permissions/user/wanda"),
      ],
      [
        () => registry.permit("wanda", "team/app", "write"),
        () => registry.permit("wanda", "team/app", "read"),
      ],
      [join, () => remove("/organization/team/team/devs/members/wanda")],
      [join, () => remove("/organization/team/members/wanda")],
      [join, () => remove("/repository/team/app/permissions/team/devs")],
    ] as const) {
      await come();
      const upload = await begin(registry, wanda);
      await go();
      await assertRefused(upload);
      await removeRepositoryPermission(registry.administration, OPERATOR, {
        repository: "team/app",
        account: "wanda",
      });
      const left = await registry.contents();
      assert.deepEqual([left.uploads, left.unfinished.length], [1, 1]);
      assert.deepEqual({ ...left, uploads: 0, unfinished: [] }, before);
      // What was sent is of no use to anybody, and goes when its time is over.
      await collectLater(registry);
      assert.deepEqual(await registry.contents(), before);
    }
  });

  test("a right that comes back lets the same upload go on", async () => {
    await using registry = await start();
    await registry.pushImage("team/app", "v1", smallImage());
    const wanda = await registry.user("wanda");
    await registry.permit("wanda", "team/app", "write");
    const upload = await begin(registry, wanda);
    await registry.permit("wanda", "team/app", "read");
    await assertRefused(upload);
    await registry.permit("wanda", "team/app", "write");
    const { location, bytes } = upload;
    const at = await wanda.get(location);
    assert.equal(at.headers.range, `0-${LARGE - 1}`);
    const url = `${location}${location.includes("?") ? "&" : "?"}digest=${digestOf(bytes)}`;
    assert.equal((await wanda.put(url, bytes.subarray(LARGE))).status, 201);
    const got = await wanda.get(`/v2/team/app/blobs/${digestOf(bytes)}`);
    assert(got.body.equals(bytes));
  });

  test("a token that was given keeps its right until it expires; the next one has it no more", async () => {
    let now = Date.now();
    await using registry = await start({ now: () => now });
    await registry.pushImage("team/app", "v1", smallImage());
    const wanda = await registry.user("wanda");
    await registry.permit("wanda", "team/app", "write");
    const tokenFor = async (): Promise<string> => {
      const scope = encodeURIComponent("repository:team/app:pull,push");
      const { json } = await wanda.get(`/v2/auth?service=${registry.host}&scope=${scope}`);
      return textIn(json["token"]);
    };
    const old = registry.client(`Bearer ${await tokenFor()}`);
    assert.equal((await old.post("/v2/team/app/blobs/uploads/")).status, 202);
    await removeRepositoryPermission(registry.administration, OPERATOR, {
      repository: "team/app",
      account: "wanda",
    });
    assert.equal((await old.post("/v2/team/app/blobs/uploads/")).status, 202);
    const next = registry.client(`Bearer ${await tokenFor()}`);
    assert.equal((await next.post("/v2/team/app/blobs/uploads/")).outcome, "401 UNAUTHORIZED");
    assert.equal((await next.get("/v2/team/app/manifests/v1")).outcome, "401 UNAUTHORIZED");
    now += registry.config.accounts.tokenLifetime + 60_000;
    assert.equal((await old.post("/v2/team/app/blobs/uploads/")).outcome, "401 UNAUTHORIZED");
  });
});
