import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { request } from "node:http";
import type { IncomingMessage } from "node:http";
import { suite, test } from "node:test";
import { digestOf, parseDigest } from "@wharf/image";
import { ApiClient } from "../../testing/api-client.ts";
import { smallImage } from "../../testing/test-image.ts";
import { basic, everyRegistry } from "../../testing/test-registry.ts";
import type { TestRegistry } from "../../testing/test-registry.ts";

const APPS = "/organization/team/applications";

/** A secret that is in use, and how it is revoked. */
interface Used {
  readonly name: string;
  readonly authorization: string;
  /** @returns what its account uses from now on */
  readonly revoke: () => Promise<string>;
}

async function secretsOf(registry: TestRegistry): Promise<Used[]> {
  const api = new ApiClient(registry.admin);
  const { client_id: id } = (await api.post(APPS, { name: "app" })).json;
  const path = `${APPS}/${id}/tokens`;
  const oauth = (await api.post(path, { name: "one", scope: "repo:write repo:create" })).json;
  const bot = "/organization/team/robots/bot";
  const robot = (await api.put(bot)).json;
  await registry.permit("team+bot", "team/app", "write");
  return [
    {
      name: "an OAuth token",
      authorization: `Bearer ${oauth.token}`,
      revoke: async () => {
        await api.delete(`${path}/${oauth.uuid}`);
        return registry.authorization;
      },
    },
    {
      name: "a robot's token",
      authorization: basic("team+bot", robot.token),
      revoke: async () => {
        const { token } = (await api.post(`${bot}/regenerate`)).json;
        return basic("team+bot", token);
      },
    },
  ];
}

/** Begins a download, and goes on with it when it is told to. */
async function beginDownload(
  registry: TestRegistry,
  path: string,
  authorization: string,
): Promise<() => Promise<Buffer>> {
  const answered = Promise.withResolvers<IncomingMessage>();
  request(new URL(path, registry.url), { headers: { authorization } }, answered.resolve)
    .on("error", answered.reject)
    .end();
  const incoming = await answered.promise;
  assert.equal(incoming.statusCode, 200);
  return async () => Buffer.concat(await Array.fromAsync(incoming));
}

/** Begins an upload; resolves when the registry waits for its content. @returns sends that */
async function beginUpload(
  registry: TestRegistry,
  path: string,
  authorization: string,
): Promise<(content: Buffer) => Promise<IncomingMessage>> {
  const answered = Promise.withResolvers<IncomingMessage>();
  const waits = Promise.withResolvers<void>();
  const headers = { authorization, expect: "100-continue" };
  const upload = request(new URL(path, registry.url), { method: "PATCH", headers })
    .on("response", (incoming) => answered.resolve(incoming.resume()))
    .on("error", answered.reject)
    .on("continue", waits.resolve);
  upload.flushHeaders();
  await Promise.race([waits.promise, answered.promise]);
  return (content) => {
    upload.end(content);
    return answered.promise;
  };
}

suite("a secret that is revoked while it is in use", () => {
  everyRegistry((start) => {
    test("lets a transfer end that has begun, and opens nothing more", async () => {
      await using registry = await start();
      const layer = randomBytes(8 * 1024 * 1024);
      await registry.push("team/app", layer);
      for (const { name, authorization, revoke } of await secretsOf(registry)) {
        const client = registry.client(authorization);
        const finish = await beginDownload(
          registry,
          `/v2/team/app/blobs/${digestOf(layer)}`,
          authorization,
        );
        const pushed = randomBytes(1024 * 1024);
        const begun = await client.post("/v2/team/app/blobs/uploads/", "");
        const upload = await beginUpload(registry, String(begun.headers.location), authorization);
        const next = await revoke();
        const { statusCode, headers } = await upload(pushed);
        assert.equal(statusCode, 202, name);
        assert.equal((await finish()).equals(layer), true, name);

        const image = smallImage();
        const location = new URL(String(headers.location), registry.url);
        location.searchParams.set("digest", digestOf(pushed));
        const end = await client.put(`${location.pathname}${location.search}`, "");
        assert.equal(end.outcome, "401 UNAUTHORIZED", name);
        const manifest = await client.put("/v2/team/app/manifests/v1", image.manifest.bytes, {
          headers: { "content-type": image.manifest.descriptor.mediaType },
        });
        assert.equal(manifest.outcome, "401 UNAUTHORIZED", name);
        const blob = `/v2/team/app/blobs/${parseDigest(digestOf(pushed))}`;
        assert.equal((await client.get(blob)).status, 401);
        assert.equal((await registry.admin.get(blob)).outcome, "404 BLOB_UNKNOWN", name);
        // What was uploaded is still there for its account.
        const path = `${location.pathname}${location.search}`;
        const resumed = await registry.client(next).put(path, "");
        assert.equal(resumed.status, 201, name);
      }
    });
  });
});
