import assert from "node:assert/strict";
import http from "node:http";
import { buffer } from "node:stream/consumers";
import { suite, test } from "node:test";

import type { ByteSink } from "@wharf/image";

import { startServer, type TestServer } from "../../registry-client/testing/start-server.ts";
import { exchange, type HttpRequest, type HttpResponse, shownUrl } from "./exchange.ts";

suite("an HTTP exchange", () => {
  test("sends a body as it is made", async () => {
    await using server = await startServer(async (request, response) => {
      const body = await buffer(request);
      response.end(`${request.headers["transfer-encoding"]} ${body.toString()}`);
    });
    const answer = await send(server, {
      method: "PUT",
      async body(sink) {
        await sink(Buffer.from("one "));
        await sink(Buffer.from("two"));
      },
    });
    assert.equal(await text(answer), "chunked one two");
  });

  test("lets the maker of a body use its chunk again at once", async () => {
    await using server = await startServer(async (request, response) =>
      response.end(await buffer(request)),
    );
    const answer = await send(server, {
      method: "PUT",
      bodySize: 4 * 2 ** 20,
      async body(sink) {
        const chunk = Buffer.alloc(2 ** 20);
        for (const letter of "abcd") await sink(chunk.fill(letter));
      },
    });
    const echoed = Buffer.from(await answer.bytes(2 ** 24)).toString();
    assert.deepEqual([echoed.length, echoed.replace(/(.)\1*/g, "$1")], [4 * 2 ** 20, "abcd"]);
  });

  test("stops sending when the answer comes early, and gives it", { timeout: 20_000 }, async () => {
    await using server = await startServer((_, response) =>
      response.writeHead(413).end("too much"),
    );
    let sent = 0;
    const answer = await send(server, { method: "PUT", body: endless((bytes) => (sent += bytes)) });
    assert.equal(answer.status, 413);
    assert.equal(await text(answer), "too much");
    const before = sent;
    await new Promise((resolve) => setImmediate(resolve));
    assert.equal(sent, before);
  });

  test("does not believe in success before the end", { timeout: 20_000 }, async () => {
    await using server = await startServer((_, response) => response.writeHead(201).end());
    await assert.rejects(send(server, { method: "PUT", body: endless() }), { code: "interrupted" });
  });

  test("breaks off when the body cannot be made", async () => {
    const broken = Promise.withResolvers<boolean>();
    await using server = await startServer(async (request) => {
      await buffer(request).then(
        () => broken.resolve(false),
        () => broken.resolve(true),
      );
    });
    const failure = new Error("damaged on the way");
    const failing = send(server, {
      method: "PUT",
      bodySize: 100,
      async body(sink) {
        await sink(Buffer.alloc(50));
        throw failure;
      },
    });
    await assert.rejects(failing, failure);
    assert.equal(await broken.promise, true);
  });

  test("breaks off when the body has another length than announced", async () => {
    await using server = await startServer(async (request, response) =>
      response.end(await buffer(request)),
    );
    const failing = send(server, {
      method: "PUT",
      bodySize: 10,
      body: (sink) => sink(Buffer.alloc(9)),
    });
    await assert.rejects(failing, { message: "the body has 9 bytes, 10 were announced" });
  });

  test("notices that less comes than was announced", async () => {
    await using server = await startServer(async (_, response) => {
      response.writeHead(200, { "content-length": "10" });
      await new Promise((resolve) => response.write("half", resolve));
      response.destroy();
    });
    await assert.rejects(send(server, {}).then(text), { code: "interrupted", message: /broke/ });
  });

  test("ends with the reason of its signal, wherever it is", async () => {
    const reason = new Error("stopped");
    await using server = await startServer((_, response) => void response.write("x"));
    for (const when of ["before", "waiting", "reading"]) {
      const controller = new AbortController();
      if (when === "before") controller.abort(reason);
      const exchanging = send(server, { signal: controller.signal }).then((answer) => {
        if (when === "reading") controller.abort(reason);
        return text(answer);
      });
      if (when === "waiting") controller.abort(reason);
      await assert.rejects(exchanging, reason, when);
    }
  });

  test("gives up a body that nobody takes", { timeout: 20_000 }, async () => {
    await using server = await startServer((request) => void request.pause());
    await assert.rejects(send(server, { method: "PUT", body: endless(), patience: 200 }), {
      code: "interrupted",
      message: /was silent for 0\.2 s/,
    });
  });
});

test("an address is shown without what may be secret", () => {
  assert.equal(
    shownUrl(new URL("https://user:pass@example.com:1/a?token=x#y")),
    "https://example.com:1/a",
  );
});

async function send(server: TestServer, request: Partial<HttpRequest>): Promise<HttpResponse> {
  const agent = new http.Agent();
  return await exchange({
    method: "GET",
    url: new URL(server.url),
    agent,
    patience: 10_000,
    ...request,
  });
}

async function text(response: HttpResponse): Promise<string> {
  return Buffer.from(await response.bytes(1000)).toString();
}

function endless(tell: (bytes: number) => void = () => {}): (sink: ByteSink) => Promise<void> {
  return async (sink) => {
    const chunk = Buffer.alloc(2 ** 16);
    for (;;) {
      await sink(chunk);
      tell(chunk.length);
    }
  };
}
