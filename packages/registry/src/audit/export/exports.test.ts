import assert from "node:assert/strict";
import { createServer } from "node:http";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { test } from "node:test";
import { OPERATOR } from "../../accounts/admin/actor.ts";
import { GarbageCollector } from "../../garbage/garbage-collector.ts";
import { SILENT_LOGGER } from "../../log.ts";
import { TestMailServer } from "../../mail/testing/test-mail-server.ts";
import { ApiClient } from "../../testing/api-client.ts";
import { everyRegistry, until } from "../../testing/test-registry.ts";
import type { TestRegistry } from "../../testing/test-registry.ts";
import { recordAudit } from "../record-audit.ts";

const NETWORK = { allowPlainHttp: true, allowedNetworks: ["127.0.0.0/8"] };

everyRegistry((start) => {
  test("an export becomes a file, whose link goes to the callbacks and works for a day", async () => {
    await using hook = await startHook();
    await using mails = await TestMailServer.start();
    let now = Date.now();
    await using registry = await start({
      now: () => now,
      config: {
        network: NETWORK,
        server: { url: "https://registry.example.com" },
        mail: { url: mails.url, from: "wharf@example.com", timeout: 5000 },
      },
    });
    await record(registry, now - 1000);
    const api = new ApiClient(registry.admin);
    const answer = await api.post("/organization/team/exportlogs?kind=org_create_team", {
      callback_url: `${hook.url}/secret-path?token=secret`,
      callback_email: "auditor@example.com",
    });
    assert.equal(answer.status, 200);
    const { export_id: id, exported_data_url: url } = answer.json;
    assert.ok(url.startsWith(`https://registry.example.com/exportedlogs/${id}.`));
    const mail = await mails.mail(1);
    assert.deepEqual(mail.to, ["auditor@example.com"]);
    assert.ok(mail.text.includes(url));
    await until(() => hook.bodies.length > 0);
    const [body] = hook.bodies;
    assert.deepEqual(
      { ...body, start_time: "", end_time: "" },
      {
        export_id: id,
        start_time: "",
        end_time: "",
        namespace: "team",
        repository: null,
        exported_data_url: url,
        status: "success",
      },
    );

    const path = url.slice("https://registry.example.com".length);
    const anybody = registry.client();
    const file = await anybody.get(path);
    assert.equal(file.status, 200);
    assert.match(String(file.headers["content-disposition"]), /^attachment; filename="audit-log-/);
    const exported = JSON.parse(file.body.toString()) as ExportedJson;
    assert.equal(exported.export_id, id);
    assert.equal(exported.details.namespace, "team");
    assert.deepEqual(
      exported.logs.map(({ kind, metadata }) => `${kind} ${metadata.team}`),
      ["org_create_team devs", "org_create_team ops"],
    );
    for (const wrong of [
      path.replace(/token=./, "token=x"),
      path.replace(/\?.*/, ""),
      path.replace("exportedlogs/", "exportedlogs/..%2F"),
      "/exportedlogs/x",
    ]) {
      assert.equal((await anybody.get(wrong)).status, 404, wrong);
    }

    await registry.settled();
    const { json } = await api.get("/organization/team/logs?kind=export_logs_success");
    assert.equal(json.logs.length, 1);
    assert.deepEqual(json.logs[0].metadata, {
      namespace: "team",
      export_id: id,
      url: hook.url,
      email: "auditor@example.com",
    });
    now += 86_400_000;
    assert.equal((await anybody.get(path)).status, 404);
  });

  test("files in other formats; a callback that is none is refused", async () => {
    await using registry = await start({ config: { network: NETWORK } });
    await record(registry, Date.now() - 1000);
    const api = new ApiClient(registry.admin);
    for (const [body, message] of [
      [
        { callback_url: "ftp://x" },
        "callback_url: must be an http or https URL without user and password",
      ],
      [
        { callback_url: "https://u:p@x" },
        "callback_url: must be an http or https URL without user and password",
      ],
      [{ callback_email: "nobody" }, "callback_email: must be such as alice@example.com"],
      [
        { callback_email: "alice@example.com" },
        "callback_email: this registry sends no mail; fetch exported_data_url instead",
      ],
    ] as const) {
      const refused = await api.post("/user/exportlogs", body);
      assert.deepEqual([refused.outcome, refused.json.detail], ["400 PARAMETER_INVALID", message]);
    }
    const answer = await api.post("/superuser/exportlogs?kind=org_create_team", {
      callback_url: "",
      format: "csv",
    });
    await registry.settled();
    const { pathname, search, origin } = new URL(answer.json.exported_data_url);
    assert.equal(origin, registry.url);
    const file = await registry.client().get(pathname + search);
    assert.equal(file.headers["content-type"], "text/csv; charset=utf-8");
    assert.equal(file.body.toString().split("\r\n").length, 4);
    assert.ok((await registry.contents()).objects.some((key) => key.startsWith("audit/exports/")));
    await collectGarbage(registry);
    assert.ok((await registry.contents()).objects.some((key) => key.startsWith("audit/exports/")));
  });
});

interface ExportedJson {
  readonly export_id: string;
  readonly details: { readonly namespace: string };
  readonly logs: readonly { readonly kind: string; readonly metadata: { readonly team: string } }[];
}

async function record(registry: TestRegistry, at: number): Promise<void> {
  const { database } = registry;
  const { id } = await database.read
    .selectFrom("accounts")
    .select("id")
    .where("name", "=", "team")
    .executeTakeFirstOrThrow();
  await database.transaction(async (trx) => {
    for (const [number, team] of ["devs", "ops"].entries()) {
      const deed = {
        kind: "org_create_team",
        namespace: { id, name: "team" },
        metadata: { team },
      } as const;
      await recordAudit(trx, OPERATOR, deed, at + number);
    }
  });
  await registry.settled();
}

/** When everything that nobody needs is old enough to go. */
async function collectGarbage(registry: TestRegistry): Promise<void> {
  const { database, config } = registry;
  await using store = await registry.openStore();
  const now = (): number => Date.now() + 7 * 86_400_000;
  await new GarbageCollector({ database, store, config, log: SILENT_LOGGER, now }).collect();
}

/** A server that keeps what it is sent. */
async function startHook(): Promise<
  AsyncDisposable & { readonly url: string; readonly bodies: Record<string, unknown>[] }
> {
  const bodies: Record<string, unknown>[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      bodies.push(JSON.parse(Buffer.concat(chunks).toString()) as Record<string, unknown>); // a callback is an object
      response.end("ok");
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo; // it listens on a port
  return {
    url: `http://127.0.0.1:${port}`,
    bodies,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
