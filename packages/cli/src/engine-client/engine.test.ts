import assert from "node:assert/strict";
import { mkdtempDisposable } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, suite, test } from "node:test";

import { dockerArchiveSize, type OutputImage, writeDockerArchive } from "@wharf/image";

import {
  type Answer,
  startServer,
  type TestServer,
} from "../registry-client/testing/start-server.ts";
import { sampleImage } from "../registry-client/testing/sample.ts";
import type { Environment } from "../transports/environment.ts";
import { openSource } from "../transports/open-source.ts";
import { writeDestination } from "../transports/write-destination.ts";
import { Engine } from "./engine.ts";
import { imageNames } from "./image-names.ts";
import { loadImage } from "./load-image.ts";
import {
  type EngineName,
  missingEngine,
  type RunningEngine,
  startEngine,
} from "./testing/start-engine.ts";

for (const engineName of ["docker", "podman"] satisfies EngineName[]) {
  suite(engineName, { skip: missingEngine(engineName) }, () => {
    let running: RunningEngine;
    before(async () => {
      running = await startEngine(engineName);
    });
    after(async () => {
      await running[Symbol.asyncDispose]();
    });

    test("takes an image and gives it back", async () => {
      const { env } = running;
      const written = await writeDestination(
        { transport: "docker-daemon", name: "team/app:1" },
        [sampleImage()],
        { env },
      );
      assert.equal(written.loaded.length, 1);
      assert.match(written.loaded[0] ?? "", /^(?:localhost\/)?team\/app:1$/);
      await using source = await openSource(
        { transport: "docker-daemon", name: "team/app:1" },
        { env },
      );
      const [image] = source.images;
      assert.match(image?.names[0] ?? "", /team\/app:1$/);
      assert.deepEqual(
        image?.layers.map(({ diffId }) => diffId),
        written.images[0]?.layers.map(({ diffId }) => diffId),
      );
      assert.equal(image?.configDigest, written.images[0]?.configDigest);
    });

    test("gives an image by its id", async () => {
      const { env } = running;
      const written = await writeDestination(
        { transport: "docker-daemon", name: "by-id:1" },
        [sampleImage()],
        { env },
      );
      const id = written.images[0]?.configDigest ?? "";
      for (const name of [id, id.slice("sha256:".length, 24)]) {
        await using source = await openSource({ transport: "docker-daemon", name }, { env });
        assert.equal(source.images[0]?.configDigest, id);
      }
    });

    test("says which images it has when one is missing", async () => {
      const { env } = running;
      await writeDestination({ transport: "docker-daemon", name: "team/web:1" }, [sampleImage()], {
        env,
      });
      await assert.rejects(
        openSource({ transport: "docker-daemon", name: "team/web:2" }, { env }),
        {
          code: "not-found",
          message: /no image team\/web:2 in the engine at unix:/,
          hint: /team\/web:1/,
        },
      );
    });

    test("refuses what is no image, with its own words", async () => {
      using engine = await Engine.connect(running.env);
      const garbage = {
        size: 10_240,
        writeTo: (sink: (chunk: Uint8Array) => Promise<void>) => sink(Buffer.alloc(10_240, "x")),
      };
      await assert.rejects(loadImage(engine, garbage), { name: "TransportError", code: "refused" });
    });

    test("keeps nothing of an image that breaks on the way", async () => {
      const { env } = running;
      const failure = new Error("damaged on the way");
      const breaking = brokenImage(failure);
      await assert.rejects(
        writeDestination({ transport: "docker-daemon", name: "broken:1" }, [breaking], { env }),
        failure,
      );
      using engine = await Engine.connect(env);
      assert.ok(!(await imageNames(engine)).some((name) => name.includes("broken")));
    });

    test("lets go when it is aborted", async () => {
      const { env } = running;
      const controller = new AbortController();
      const reason = new Error("stopped");
      const onProgress = () => controller.abort(reason);
      await assert.rejects(
        writeDestination({ transport: "docker-daemon", name: "aborted:1" }, [sampleImage()], {
          env,
          signal: controller.signal,
          onProgress,
        }),
        reason,
      );
    });
  });
}

suite("an engine that cannot be used", () => {
  test("is not there", async () => {
    await assert.rejects(Engine.connect({ DOCKER_HOST: "unix:///nowhere.sock" }), {
      code: "unreachable",
      message: "no engine listens on unix:///nowhere.sock",
      hint: /systemctl start docker/,
    });
  });

  test("has left its socket behind", async () => {
    await using folder = await mkdtempDisposable(join(tmpdir(), "engine-"));
    await using server = await listenOn(join(folder.path, "socket"));
    await assert.rejects(Engine.connect({ DOCKER_HOST: `unix://${server.path}` }), {
      code: "interrupted",
    });
  });

  test("speaks another language", async () => {
    await using server = await startServer((_, response) => response.writeHead(404).end());
    await assert.rejects(Engine.connect(envOf(server)), {
      code: "refused",
      message: /is no engine/,
    });
  });

  test("fails after it has said 200", async () => {
    const lines = [
      { stream: "Loading layer" },
      { errorDetail: { message: "no space left" }, error: "no space left" },
    ];
    await using server = await startServer(
      answerLoad(lines.map((line) => JSON.stringify(line)).join("\r\n")),
    );
    await assert.rejects(loadSample(server), {
      code: "refused",
      message: /could not load the image: no space left/,
    });
  });

  test("says nothing about what it loaded, or no JSON", async () => {
    await using silent = await startServer(answerLoad(""));
    await assert.rejects(loadSample(silent), {
      code: "refused",
      message: /does not say that it loaded/,
    });
    await using strange = await startServer(answerLoad("<html>"));
    await assert.rejects(loadSample(strange), { code: "refused", message: /no JSON/ });
  });

  test("answers before it has read the image", async () => {
    await using server = await startServer((request, response) => {
      if (request.url === "/_ping") return response.end("OK");
      return response.writeHead(507).end(JSON.stringify({ message: "disk is full" }));
    });
    await assert.rejects(loadSample(server), { code: "refused", message: /disk is full/ });
  });

  test("breaks off while it gives an image", async () => {
    await using server = await startServer(async ({ url = "" }, response) => {
      if (url === "/_ping") return response.end("OK");
      if (url.endsWith("/json")) return response.end(JSON.stringify({ Id: "sha256:12" }));
      await new Promise((resolve) => response.write(Buffer.alloc(1000), resolve));
      return response.destroy();
    });
    await assert.rejects(
      openSource({ transport: "docker-daemon", name: "a:1" }, { env: envOf(server) }),
      {
        code: "interrupted",
      },
    );
  });
});

test("requests name the version of the API that the engine tells", async () => {
  await using server = await startServer((_, response) =>
    response.setHeader("api-version", "1.52").end("[]"),
  );
  using engine = await Engine.connect(envOf(server));
  await imageNames(engine);
  assert.deepEqual(
    server.requests.map(({ url }) => url),
    ["/_ping", "/v1.52/images/json"],
  );
});

function envOf({ host }: TestServer): Environment {
  return { DOCKER_HOST: `tcp://${host}`, HOME: "/nonexistent" };
}

function answerLoad(body: string): Answer {
  return async (request, response) => {
    for await (const _ of request);
    response.end(request.url === "/_ping" ? "OK" : body);
  };
}

async function loadSample(server: TestServer): Promise<string[]> {
  using engine = await Engine.connect(envOf(server));
  const images = [sampleImage()];
  return await loadImage(engine, {
    size: dockerArchiveSize(images),
    writeTo: async (sink) => void (await writeDockerArchive(images, sink)),
  });
}

function brokenImage(failure: Error): OutputImage {
  const image = sampleImage();
  return {
    ...image,
    layers: image.layers.map((layer) => ({
      ...layer,
      async writeTo(sink) {
        await sink(Buffer.alloc(512));
        throw failure;
      },
    })),
  };
}

/** A socket that hangs up on everybody. */
async function listenOn(path: string): Promise<AsyncDisposable & { path: string }> {
  const server = createServer((socket) => socket.destroy());
  await new Promise<void>((resolve) => server.listen(path, resolve));
  return {
    path,
    [Symbol.asyncDispose]: () => new Promise((resolve) => server.close(() => resolve())),
  };
}
