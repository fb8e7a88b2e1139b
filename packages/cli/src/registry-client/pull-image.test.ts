import assert from "node:assert/strict";
import { once } from "node:events";
import { mkdtempDisposable, readdir } from "node:fs/promises";
import type { ServerResponse } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buffer } from "node:stream/consumers";
import { suite, test } from "node:test";

import { DEFAULT_LIMITS, type Digest, digestOf, MediaType, parseDigest } from "@wharf/image";

import { pullImage, type PullOptions } from "./pull-image.ts";
import type { RegistryOptions } from "./registry-client.ts";
import { type ImageServer, type Misbehaviour, startImageServer } from "./testing/image-server.ts";
import { login } from "./testing/login.ts";
import { openClient } from "./testing/open-client.ts";
import { pullTag } from "./testing/sample.ts";
import { startServer } from "./testing/start-server.ts";

const ANY = `sha256:${"0".repeat(64)}`;

suite("pulling", () => {
  test("verifies what comes and gives its bytes", async () => {
    await using server = await startImageServer();
    assert.deepEqual(await pullLayer(server), server.layer);
  });

  test("by digest takes no other manifest", async () => {
    await using server = await startImageServer();
    using client = await openClient(`${server.host}/app`);
    await using source = await pullImage(client, { tag: undefined, digest: server.manifestDigest });
    assert.deepEqual(source.images[0]?.names, []);
    const wrong = pullImage(client, { tag: undefined, digest: parseDigest(ANY) });
    await assert.rejects(wrong, {
      code: "damaged",
      message: /sends a manifest of app with digest sha256/,
    });
  });

  test("leaves no file behind when it fails", async () => {
    await using folder = await mkdtempDisposable(join(tmpdir(), "pull-"));
    await using server = await startImageServer({ descriptor: { size: 99_999 } });
    await assert.rejects(pullLayer(server, { tmpDir: folder.path }), { code: "damaged" });
    assert.deepEqual(await readdir(folder.path), []);
  });

  test("downloads a layer once that stands twice in the image", async () => {
    const layer = Buffer.from("layer");
    const descriptor = {
      mediaType: MediaType.ociLayer,
      digest: digestOf(layer),
      size: layer.length,
    };
    const config = Buffer.from(
      JSON.stringify({
        rootfs: { type: "layers", diff_ids: [descriptor.digest, descriptor.digest] },
      }),
    );
    await using server = await startImageServer({
      layer,
      manifest: {
        config: { mediaType: MediaType.ociConfig, digest: digestOf(config), size: config.length },
        layers: [descriptor, descriptor],
      },
      answer: ({ url }, response) =>
        url?.endsWith(digestOf(config)) === true ? response.end(config) : false,
    });
    using client = await openClient(`${server.host}/app`);
    await using source = await pullTag(client, "1");
    assert.equal(source.images[0]?.layers.length, 2);
    assert.equal(server.layerRequests().length, 1);
  });

  test("stops when it is aborted", async () => {
    const controller = new AbortController();
    const reason = new Error("stopped");
    await using server = await startImageServer({
      answer(_, response, kind) {
        if (kind !== "layer") return false;
        response.write("la");
        return controller.abort(reason);
      },
    });
    await assert.rejects(pullLayer(server, {}, { signal: controller.signal }), reason);
  });
});

suite("a download that is disturbed", () => {
  test("goes on where the connection broke", async () => {
    await using server = await startImageServer({ answer: breakAfter(30_000, { ranges: true }) });
    assert.deepEqual(await pullLayer(server), server.layer);
    const ranges = server.layerRequests().map(({ headers }) => headers.range);
    assert.equal(ranges[0], undefined);
    assert.match(ranges[1] ?? "", /^bytes=\d+-$/);
  });

  test("is completed although the server knows no ranges", async () => {
    await using server = await startImageServer({ answer: breakAfter(30_000, { ranges: false }) });
    assert.deepEqual(await pullLayer(server), server.layer);
  });

  test("fails when the connection breaks again and again", async () => {
    await using server = await startImageServer({
      answer: (_, response, kind) => (kind === "layer" ? response.destroy() : false),
    });
    await assert.rejects(pullLayer(server), { code: "interrupted" });
    assert.equal(server.layerRequests().length, 3);
  });

  test("fails when the server falls silent", { timeout: 20_000 }, async () => {
    await using server = await startImageServer({
      answer: (_, response, kind) => (kind === "layer" ? void response.write("l") : false),
    });
    await assert.rejects(pullLayer(server, {}, { patience: 100 }), {
      code: "interrupted",
      message: /was silent for 0\.1 s/,
    });
  });

  test("fails when the server never answers", { timeout: 20_000 }, async () => {
    await using server = await startImageServer({
      answer: (_, __, kind) => (kind === "manifest" ? undefined : false),
    });
    await assert.rejects(pullLayer(server, {}, { patience: 100 }), {
      code: "interrupted",
      message: /silent/,
    });
  });

  test("is tried again when the server asks to wait, or has a fault", async () => {
    const statuses = [429, 503];
    await using server = await startImageServer({
      answer(_, response, kind) {
        const status = kind === "layer" ? statuses.shift() : undefined;
        return status === undefined
          ? false
          : response.writeHead(status, { "retry-after": "0" }).end();
      },
    });
    assert.deepEqual(await pullLayer(server), server.layer);
  });

  test("tells what the server said when it does not get better", async () => {
    const body = JSON.stringify({
      errors: [{ code: "TOOMANYREQUESTS", message: "You have reached your limit" }],
    });
    await using server = await startImageServer({
      answer: (_, response, kind) =>
        kind === "manifest" ? response.writeHead(429).end(body) : false,
    });
    await assert.rejects(pullLayer(server), {
      message: /You have reached your limit \(status 429\)/,
      hint: /log in/,
    });
  });
});

suite("a registry that lies", () => {
  const lies: readonly [string, Misbehaviour, { code: string; message: RegExp }][] = [
    [
      "sends a layer with another digest",
      {
        answer: (_, response, kind) =>
          kind === "layer" ? response.end(Buffer.alloc(100_000)) : false,
      },
      { code: "damaged", message: /has digest sha256:\w+, sha256:\w+ is announced/ },
    ],
    [
      "sends more than a layer has",
      { descriptor: { size: 99_999 } },
      { code: "damaged", message: /longer than the 99999/ },
    ],
    [
      "sends less than a layer has",
      { descriptor: { size: 100_001 } },
      { code: "damaged", message: /ends after 100000 of 100001/ },
    ],
    [
      "announces another digest for its manifest",
      {
        answer(_, response, kind) {
          if (kind === "manifest") response.setHeader("docker-content-digest", ANY);
          return false;
        },
      },
      { code: "damaged", message: /with digest sha256:\w+ for sha256:000/ },
    ],
    [
      "answers with another range",
      {
        answer: (_, response, kind) =>
          kind === "layer" &&
          response.writeHead(206, { "content-range": "bytes 7-9/100000" }).end("abc"),
      },
      { code: "refused", message: /another range/ },
    ],
    [
      "announces a layer without end",
      { descriptor: { size: 2 ** 50 } },
      { code: "limit", message: /bytes announced/ },
    ],
    [
      "announces a negative size",
      { descriptor: { size: -1 } },
      { code: "damaged", message: /size/ },
    ],
    [
      "announces a huge config",
      { manifest: { config: { mediaType: MediaType.ociConfig, digest: ANY, size: 2 ** 40 } } },
      { code: "limit", message: /config of app/ },
    ],
    [
      "names no layers but diffIDs",
      { manifest: { layers: [] } },
      { code: "damaged", message: /0 layers, its config 1/ },
    ],
    [
      "has a digest that is none",
      { descriptor: { digest: "sha256:../../x" } },
      { code: "damaged", message: /not a digest/ },
    ],
    [
      "redirects for ever",
      {
        answer: (request, response, kind) =>
          kind === "layer" && response.writeHead(307, { location: request.url }).end(),
      },
      { code: "refused", message: /redirects more than 5 times/ },
    ],
    [
      "redirects to nowhere",
      {
        answer: (_, response, kind) =>
          kind === "layer" && response.writeHead(307, { location: "file:///etc/passwd" }).end(),
      },
      { code: "refused", message: /not followed/ },
    ],
    [
      "wants tokens from a strange place",
      {
        answer: (_, response, kind) =>
          kind === "ping" &&
          response
            .writeHead(401, { "www-authenticate": 'Bearer realm="file:///etc/passwd"' })
            .end(),
      },
      { code: "refused", message: /no usable token server/ },
    ],
    [
      "is none",
      { answer: (_, response, kind) => kind === "ping" && response.writeHead(404).end("<html>") },
      { code: "refused", message: /is no registry: it answers \/v2\/ with status 404/ },
    ],
  ];
  for (const [what, misbehaviour, error] of lies) {
    test(what, async () => {
      await using server = await startImageServer(misbehaviour);
      await assert.rejects(pullLayer(server), error);
    });
  }

  test("sends a manifest of 100 MB, of which little is read", async () => {
    const flooded = Promise.withResolvers<number>();
    await using server = await startImageServer({
      answer: (_, response, kind) =>
        kind === "manifest" ? flooded.resolve(flood(response, 100 * 2 ** 20)) : false,
    });
    await assert.rejects(pullLayer(server), { code: "limit", message: /more than 8388608 bytes/ });
    const sent = await flooded.promise;
    assert.ok(sent < 50 * 2 ** 20, `${sent} bytes were sent`);
  });

  test("sends a manifest beyond a limit of ours", async () => {
    await using server = await startImageServer();
    const limits = { ...DEFAULT_LIMITS, jsonBytes: 100 };
    await assert.rejects(pullLayer(server, { limits }), { code: "limit" });
  });

  test("nests indexes without end", async () => {
    let depth = 0;
    const documents = new Map<string, Buffer>();
    const nest = (digest: Digest | undefined): Digest => {
      const manifests =
        digest === undefined ? [] : [{ mediaType: MediaType.ociIndex, digest, size: 1 }];
      const index = Buffer.from(
        JSON.stringify({ schemaVersion: 2, mediaType: MediaType.ociIndex, manifests }),
      );
      documents.set(digestOf(index), index);
      return ++depth === 10 ? digestOf(index) : nest(digestOf(index));
    };
    const top = nest(undefined);
    await using server = await startImageServer({
      answer: ({ url }, response, kind) =>
        kind === "manifest" &&
        response.end(documents.get(url?.split("/").at(-1) ?? "") ?? documents.get(top)),
    });
    await assert.rejects(pullLayer(server), { code: "limit", message: /nested deeper/ });
  });
});

suite("an image that is none of ours", () => {
  test("has the format of before 2016", async () => {
    await using server = await startImageServer({ manifest: { schemaVersion: 1 } });
    await assert.rejects(pullLayer(server), { code: "unsupported", message: /schema 1/ });
  });

  test("is an artifact", async () => {
    const config = { mediaType: "application/vnd.cncf.helm.config.v1+json", digest: ANY, size: 2 };
    await using server = await startImageServer({ manifest: { config } });
    await assert.rejects(pullLayer(server), {
      code: "unsupported",
      message: /an artifact of type "application\/vnd\.cncf\.helm/,
    });
  });

  test("has a foreign layer whose data the registry lacks", async () => {
    const urls = ["https://example.com/layer.tar.gz"];
    await using server = await startImageServer({
      descriptor: { mediaType: MediaType.dockerForeignLayer, urls },
      answer: (_, response, kind) => kind === "layer" && response.writeHead(404).end(),
    });
    await assert.rejects(pullLayer(server), {
      code: "unsupported",
      message: /foreign layer .* "https:\/\/example\.com\/layer\.tar\.gz"/,
    });
  });

  test("has a foreign layer whose data is there: it is used", async () => {
    await using server = await startImageServer({
      descriptor: { mediaType: MediaType.dockerForeignLayer },
    });
    assert.deepEqual(await pullLayer(server), server.layer);
  });

  test("is encrypted", async () => {
    await using server = await startImageServer({
      descriptor: { mediaType: `${MediaType.ociLayer}+gzip+encrypted` },
    });
    await assert.rejects(pullLayer(server), {
      code: "unsupported",
      message: /encrypted \(layer 1\)/,
    });
  });

  test("is for another platform", async () => {
    await using server = await startImageServer();
    await assert.rejects(pullLayer(server, { platform: "linux/s390x" }), {
      code: "not-found",
      hint: "there is only one, for linux/amd64",
    });
  });
});

suite("credentials", () => {
  test("do not follow a redirect to another host", async () => {
    const layer = Buffer.from("layer");
    await using storage = await startServer((_, response) => response.end(layer), "127.0.0.2");
    await using server = await startImageServer({
      layer,
      answer(request, response, kind) {
        if (request.headers.authorization === undefined) {
          return response.writeHead(401, { "www-authenticate": 'Basic realm="x"' }).end();
        }
        return (
          kind === "layer" &&
          response.writeHead(307, { location: `${storage.url}/signed?secret=1` }).end()
        );
      },
    });
    await using user = await login(server.host);
    assert.deepEqual(await pullLayer(server, {}, user), layer);
    assert.equal(storage.requests.length, 1);
    assert.equal(storage.requests[0]?.headers.authorization, undefined);
  });

  test("do not go to a token server of another host without https", async () => {
    await using server = await startImageServer({
      answer: (_, response, kind) =>
        kind === "ping" &&
        response
          .writeHead(401, {
            "www-authenticate": 'Bearer realm="http://192.0.2.1/token",service="x"',
          })
          .end(),
    });
    await using user = await login(server.host);
    await assert.rejects(pullLayer(server, {}, user), {
      code: "denied",
      message: /in the clear, refused/,
    });
  });

  test("are not shown when the server says them back", async () => {
    const secret = "c2VjcmV0-token";
    await using server = await startImageServer({
      answer({ url, headers }, response) {
        if (url?.startsWith("/token") === true)
          return response.end(JSON.stringify({ token: secret }));
        if (headers.authorization === undefined) {
          const challenge = `Bearer realm="http://${headers.host}/token"`;
          return response.writeHead(401, { "www-authenticate": challenge }).end();
        }
        return response
          .writeHead(400)
          .end(JSON.stringify({ errors: [{ message: `wrong: ${headers.authorization}` }] }));
      },
    });
    await assert.rejects(pullLayer(server), { message: /wrong: Bearer \*\*\*/ });
  });

  test("are wanted by a token server that floods us", async () => {
    await using server = await startImageServer({
      answer({ url, headers }, response) {
        if (url?.startsWith("/token") === true) return flood(response, 20 * 2 ** 20);
        const challenge = `Bearer realm="http://${headers.host}/token"`;
        return response.writeHead(401, { "www-authenticate": challenge }).end();
      },
    });
    await assert.rejects(pullLayer(server), { code: "limit" });
  });
});

async function pullLayer(
  server: ImageServer,
  pull: PullOptions = {},
  options: Partial<RegistryOptions> = {},
): Promise<Buffer> {
  using client = await openClient(`${server.host}/app`, options);
  await using source = await pullTag(client, "1", pull);
  const blob = source.images[0]?.layers[0]?.blob;
  assert.ok(blob);
  return await buffer(blob.stream());
}

/** Breaks the first download of the layer after some bytes. */
function breakAfter(
  bytes: number,
  { ranges }: { ranges: boolean },
): NonNullable<Misbehaviour["answer"]> {
  const layer = Buffer.alloc(100_000, "layer ");
  let broken = false;
  return async (request, response, kind) => {
    if (kind !== "layer") return false;
    if (!broken) {
      broken = true;
      response.setHeader("content-length", layer.length);
      // Only what has been flushed can have arrived.
      await new Promise((resolve) => response.write(layer.subarray(0, bytes), resolve));
      await new Promise((resolve) => setImmediate(resolve));
      return response.destroy();
    }
    const start = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? "")?.[1] ?? 0);
    if (!ranges || start === 0) return response.end(layer);
    response.writeHead(206, { "content-range": `bytes ${start}-99999/100000` });
    return response.end(layer.subarray(start));
  };
}

/** Sends many spaces, as far as they are taken, and tells how many. */
async function flood(response: ServerResponse, bytes: number): Promise<number> {
  const chunk = Buffer.alloc(2 ** 20, " ");
  let sent = 0;
  const closed = once(response, "close");
  for (; sent < bytes && !response.destroyed; sent += chunk.length) {
    if (!response.write(chunk)) await Promise.race([once(response, "drain"), closed]);
  }
  response.end();
  return sent;
}
