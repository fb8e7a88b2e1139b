import assert from "node:assert/strict";
import { test } from "node:test";
import { OPERATOR } from "../../accounts/admin/actor.ts";
import { ApiClient } from "../../testing/api-client.ts";
import { smallImage } from "../../testing/test-image.ts";
import { everyRegistry, ORGANIZATION } from "../../testing/test-registry.ts";
import type { TestRegistry } from "../../testing/test-registry.ts";
import { recordAudit } from "../record-audit.ts";
import type { Deed } from "../record-audit.ts";

everyRegistry((start) => {
  test("pushes, moves, deletions and pulls stand in the log with who, from where and what", async () => {
    await using registry = await start();
    const robot = await registry.robot("ci");
    const first = smallImage("first");
    const second = smallImage("second");
    await registry.pushImage("team/app", "v1", first);
    await registry.permit("team+ci", "team/app", "write");
    await registry.pushImage("team/app", "v1", second, robot);
    for (const reference of ["v1", "v1", second.manifest.descriptor.digest]) {
      const headers = { "user-agent": "test/1" };
      assert.equal(
        (await robot.get(`/v2/team/app/manifests/${reference}`, { headers })).status,
        200,
      );
    }
    assert.equal((await registry.admin.delete("/v2/team/app/manifests/v1")).status, 202);
    await registry.settled();
    await registry.restart(); // what was gathered is written at stop

    const api = new ApiClient(registry.admin);
    const answer = await api.get("/repository/team/app/logs");
    assert.equal(answer.status, 200);
    const { logs, start_time, end_time, next_page } = answer.json;
    assert.equal(next_page, undefined);
    assert.match(start_time, /^\w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d -0000$/);
    assert.ok(Date.parse(end_time) - Date.parse(start_time) >= 86_400_000);
    const told = logs
      .filter(
        ({ kind }: { kind: string }) => kind !== "create_repo" && kind !== "change_repo_permission",
      )
      .map(
        ({
          kind,
          metadata,
          performer,
        }: {
          kind: string;
          metadata: { tag?: string; pulls?: number };
          performer: { name: string };
        }) => `${kind} ${metadata.tag ?? "-"} ${metadata.pulls ?? 1} ${performer.name}`,
      );
    assert.deepEqual(told.toSorted(), [
      "create_tag v1 1 admin",
      "delete_tag v1 1 admin",
      "move_tag v1 1 team+ci",
      "pull_repo - 1 team+ci",
      "pull_repo v1 2 team+ci",
      "push_repo v1 1 admin",
      "push_repo v1 1 team+ci",
    ]);
    const pull = logs.find(
      ({ metadata }: { metadata: { pulls?: number } }) => metadata.pulls === 2,
    );
    assert.equal(pull.ip, "127.0.0.1");
    assert.equal(pull.user_agent, "test/1");
    assert.equal(pull.repository, "team/app");
    assert.match(pull.via, /^robot/);
    assert.equal(pull.performer.is_robot, true);
    assert.equal(pull.performer.kind, "user");
    assert.deepEqual(pull.metadata, {
      namespace: "team",
      repo: "app",
      tag: "v1",
      manifest_digest: second.manifest.descriptor.digest,
      pulls: 2,
    });
    const moved = logs.find(({ kind }: { kind: string }) => kind === "move_tag");
    assert.equal(moved.metadata.old_manifest_digest, first.manifest.descriptor.digest);

    const totals = await api.get("/repository/team/app/aggregatelogs?performer=team%2Bci");
    const day = new Date(Date.now()).toUTCString().slice(0, 16);
    assert.deepEqual(
      totals.json.aggregated.map(
        ({ kind, count }: { kind: string; count: number }) => `${kind} ${count}`,
      ),
      ["move_tag 1", "pull_repo 3", "push_repo 1"],
    );
    assert.equal(totals.json.aggregated[0].datetime, `${day} 00:00:00 -0000`);
    const ofAll = await api.get("/superuser/aggregatelogs?kind=push_repo");
    assert.equal(ofAll.json.aggregated[0].count, 2);
  });

  test("lists are filtered, and go on where the page before ended", async () => {
    await using registry = await start();
    const user = await registry.user("alice");
    const { id } = await registry.database.read
      .selectFrom("accounts")
      .select("id")
      .where("name", "=", "team")
      .executeTakeFirstOrThrow();
    const namespace = { id, name: ORGANIZATION };
    const now = Date.now() - 3_600_000; // nothing else was done then
    const kinds = ["org_create_team", "create_robot", "org_set_team_role"] as const;
    await record(
      registry,
      Array.from({ length: 45 }, (_, at): [Deed, number] => [
        { kind: kinds[at % 3] ?? kinds[0], namespace, metadata: { number: at } },
        now - 1000 * at,
      ]),
    );
    await record(registry, [[{ kind: "create_message", metadata: {} }, now]]);
    const api = new ApiClient(registry.admin);
    const seen: number[] = [];
    let next = "";
    let pages = 0;
    do {
      const { json, status } = await api.get(`/organization/team/logs?limit=17${next}`);
      assert.equal(status, 200);
      const logs = json.logs as { metadata: { number: number }; namespace?: unknown }[];
      assert.ok(logs.every((entry) => entry.namespace === undefined));
      seen.push(...logs.map(({ metadata }) => metadata.number));
      next = json.next_page === undefined ? "" : `&next_page=${json.next_page}`;
      pages++;
    } while (next !== "");
    assert.equal(pages, 3);
    assert.deepEqual(
      seen.filter((number) => number !== undefined),
      Array.from({ length: 45 }, (_, at) => at),
    );

    const filtered = await api.get(
      "/superuser/logs?kind=create_robot,create_message&performer=operator&limit=100",
    );
    assert.equal(filtered.json.logs.length, 0); // the operator has no name
    const both = await api.get("/superuser/logs?kind=create_robot,create_message&limit=100");
    assert.equal(both.json.logs.length, 16);
    const [newest, robot] = both.json.logs;
    assert.equal(newest.namespace, undefined);
    assert.equal(robot.namespace.kind, "org");
    assert.equal(robot.namespace.name, "team");
    assert.deepEqual([robot.performer.kind, robot.performer.name], ["operator", "operator"]);
    const span = `starttime=${new Date(now - 5500).toISOString()}&endtime=${new Date(now - 1500).toISOString()}`;
    const some = await api.get(`/organization/team/logs?${span}`);
    assert.deepEqual(
      some.json.logs.map(({ metadata }: { metadata: { number: number } }) => metadata.number),
      [2, 3, 4, 5],
    );
    assert.equal(
      (await api.get("/organization/team/logs?starttime=11/01/2020&endtime=11/02/2020")).json.logs
        .length,
      0,
    );

    for (const [query, field] of [
      ["starttime=yesterday", "starttime"],
      ["kind=DROP TABLE", "kind"],
      ["limit=0", "limit"],
      ["next_page=x", "next_page"],
      ["starttime=11/03/2026&endtime=11/01/2026", "starttime"],
    ] as const) {
      const { outcome, json } = await api.get(`/organization/team/logs?${encodeURI(query)}`);
      assert.deepEqual([outcome, json.field], ["400 PARAMETER_INVALID", field]);
    }

    const alice = new ApiClient(user);
    assert.equal((await alice.get("/organization/team/logs")).outcome, "403 DENIED");
    assert.equal((await alice.get("/superuser/logs")).outcome, "403 DENIED");
    const own = await alice.get("/user/logs");
    assert.equal(own.status, 200);
    assert.ok(
      own.json.logs.every(
        ({ metadata }: { metadata: { namespace: string } }) => metadata.namespace === "alice",
      ),
    );
  });

  test("a whole log is downloaded, the oldest entries first", async () => {
    await using registry = await start();
    const now = Date.now();
    await record(
      registry,
      Array.from({ length: 600 }, (_, at): [Deed, number] => [
        { kind: "create_message", metadata: { text: `=HYPERLINK("x")\n${at}` } },
        now - 600 + at,
      ]),
    );
    const admin = registry.admin;
    const path = "/api/v1/superuser/logs/export?kind=create_message";
    const lines = await admin.get(path);
    assert.equal(lines.headers["content-type"], "application/x-ndjson");
    const entries = lines.body
      .toString()
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line) as { metadata: { text: string }; performer_kind: string });
    assert.deepEqual(
      entries.map(({ metadata }) => metadata.text.split("\n")[1]),
      Array.from({ length: 600 }, (_, at) => String(at)),
    );
    assert.equal(entries[0]?.performer_kind, "operator");
    const csv = await admin.get(`${path}&format=csv`);
    const rows = csv.body.toString().trimEnd().split("\r\n");
    assert.equal(rows.length, 601);
    assert.match(rows[0] ?? "", /^id,time,kind,performer,/);
    assert.ok(rows.every((row) => !/(?:^|,)"?[=+@-]/.test(row.replace(/\{.*/, ""))));
    const head = await admin.head(`${path}&format=csv`);
    assert.deepEqual([head.status, head.body.length], [200, 0]);
    assert.equal((await admin.get("/api/v1/superuser/logs/export?format=xml")).status, 400);
  });
});

async function record(registry: TestRegistry, deeds: readonly [Deed, number][]): Promise<void> {
  await registry.database.transaction(async (trx) => {
    for (const [deed, at] of deeds) await recordAudit(trx, OPERATOR, deed, at);
  });
  await registry.settled();
}
