import assert from "node:assert/strict";
import { createServer } from "node:http";
import type { RequestListener, Server } from "node:http";
import type { AddressInfo } from "node:net";
import { suite, test } from "node:test";
import type { Config } from "../../config/config.ts";
import { guardedFetch } from "./guarded-fetch.ts";
import { mayReach } from "./private-addresses.ts";

const CLOSED: Config["network"] = {
  allowPrivateAddresses: false,
  allowPlainHttp: false,
  allowedNetworks: [],
};
const OPEN: Config["network"] = { ...CLOSED, allowPrivateAddresses: true, allowPlainHttp: true };

/** A server on this machine; closed with all that is left open when it is disposed. */
async function listen(
  handle: RequestListener,
): Promise<{ readonly url: string } & AsyncDisposable> {
  const server: Server = createServer(handle);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo; // it listens at a port
  return {
    url: `http://127.0.0.1:${port}`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

suite("requests to URLs that somebody named", () => {
  test("addresses that are not public are refused, however they are written", () => {
    for (const address of [
      "127.0.0.1",
      "10.1.2.3",
      "172.16.0.1",
      "172.31.255.255",
      "192.168.1.1",
      "100.64.0.1",
      "169.254.169.254",
      "0.0.0.0",
      "224.0.0.1",
      "255.255.255.255",
      "198.51.100.7",
      "::",
      "::1",
      "::ffff:127.0.0.1",
      "::ffff:7f00:1",
      "0:0:0:0:0:ffff:a9fe:a9fe",
      "::127.0.0.1",
      "64:ff9b::7f00:1",
      "fc00::1",
      "fd12:3456::1",
      "fe80::1",
      "fec0::1",
      "ff02::1",
      "2001::1",
      "2001:db8::1",
      "2002:7f00:1::",
    ]) {
      assert.equal(mayReach(address, CLOSED), false, address);
    }
    for (const address of ["8.8.8.8", "172.32.0.1", "1.1.1.1", "2606:4700::1111", "2a00::1"]) {
      assert.equal(mayReach(address, CLOSED), true, address);
    }
  });

  test("private networks are opened together, those of clouds' credentials one by one", () => {
    for (const address of ["127.0.0.1", "10.0.0.1", "::1", "fd00::1", "::ffff:10.0.0.1"]) {
      assert.equal(mayReach(address, OPEN), true, address);
    }
    for (const address of ["169.254.169.254", "fe80::1", "224.0.0.1", "ff02::1", "64:ff9b::1"]) {
      assert.equal(mayReach(address, OPEN), false, address);
    }
    const network = { ...CLOSED, allowedNetworks: ["10.1.0.0/16", "fe80::/10", "169.254.169.254"] };
    for (const address of ["10.1.2.3", "::ffff:10.1.2.3", "fe80::1", "169.254.169.254"]) {
      assert.equal(mayReach(address, network), true, address);
    }
    assert.equal(mayReach("10.2.0.1", network), false);
  });

  test("what may not be reached is not asked", async () => {
    let asked = 0;
    await using server = await listen((_request, response) => {
      asked++;
      response.end();
    });
    const { port } = new URL(server.url);
    const plain = { ...CLOSED, allowPlainHttp: true };
    const wrong: [Config["network"], string, RegExp][] = [
      [CLOSED, server.url, /without TLS/],
      [plain, server.url, /not public/],
      [plain, `http://localhost:${port}`, /not public/],
      [plain, `http://2130706433:${port}`, /not public/],
      [plain, `http://[::ffff:127.0.0.1]:${port}`, /not public/],
      [OPEN, `http://user:secret@127.0.0.1:${port}`, /user and password/],
      [OPEN, "file:///etc/passwd", /only https/],
      [OPEN, "nothing", /no URL/],
    ];
    for (const [network, url, message] of wrong) {
      await assert.rejects(guardedFetch(network, url), { name: "RefusedRequest", message }, url);
    }
    assert.equal(asked, 0);
  });

  test("a redirect is looked at as the first URL, and takes no header to another host", async () => {
    const seen: unknown[] = [];
    await using other = await listen((request, response) => {
      seen.push([request.method, request.headers.authorization]);
      response.end("there");
    });
    await using server = await listen((request, response) => {
      const targets: Record<string, string> = {
        "/away": other.url,
        "/here": "/end",
        "/metadata": "http://169.254.169.254/latest",
        "/round": "/round",
        "/file": "file:///etc/passwd",
      };
      const location = targets[request.url ?? ""];
      if (location === undefined) response.end(request.headers.authorization);
      else response.writeHead(302, { location }).end();
    });
    const headers = { authorization: "Bearer secret" };
    const here = await guardedFetch(OPEN, `${server.url}/here`, { headers });
    assert.equal(await here.text(), "Bearer secret");
    const away = { headers, method: "POST", body: "{}" };
    assert.equal(await (await guardedFetch(OPEN, `${server.url}/away`, away)).text(), "there");
    assert.deepEqual(seen, [["GET", undefined]]);
    for (const [path, message] of [
      ["metadata", /not public/],
      ["round", /too often/],
      ["file", /only https/],
    ] as const) {
      await assert.rejects(guardedFetch(OPEN, `${server.url}/${path}`), { message });
    }
  });

  test("method, headers and body arrive, and the answer comes whatever its status", async () => {
    await using server = await listen((request, response) => {
      const chunks: Uint8Array[] = [];
      request.on("data", (chunk: Uint8Array) => chunks.push(chunk));
      request.on("end", () => {
        const body = Buffer.concat(chunks).toString();
        response.writeHead(418, {
          "x-seen": `${request.method} ${String(request.headers["x-sent"])}`,
        });
        response.end(body);
      });
    });
    const request = { method: "PUT", headers: { "x-sent": "header" }, body: "grüße" };
    const answer = await guardedFetch(OPEN, server.url, request);
    assert.deepEqual(
      [answer.status, answer.headers.get("x-seen"), await answer.text()],
      [418, "PUT header", "grüße"],
    );
  });

  test("an answer is bounded in size and time", async () => {
    await using server = await listen((request, response) => {
      if (request.url === "/slow") return;
      if (request.url === "/trickle") {
        response.write("a");
        return;
      }
      if (request.url === "/told") response.setHeader("content-length", 2000);
      for (let sent = 0; sent < 20; sent++) response.write("x".repeat(100));
      response.end();
    });
    for (const path of ["told", "untold"]) {
      await assert.rejects(guardedFetch(OPEN, `${server.url}/${path}`, { maxBytes: 1999 }), {
        message: /longer than 1999 bytes/,
      });
      const whole = await guardedFetch(OPEN, `${server.url}/${path}`, { maxBytes: 2000 });
      assert.equal((await whole.text()).length, 2000);
    }
    for (const path of ["slow", "trickle"]) {
      await assert.rejects(guardedFetch(OPEN, `${server.url}/${path}`, { timeout: 50 }), {
        name: "RefusedRequest",
        message: /in time/,
      });
    }
    const controller = new AbortController();
    const left = guardedFetch(OPEN, `${server.url}/slow`, { signal: controller.signal });
    controller.abort(new Error("left"));
    await assert.rejects(left, { message: /aborted|left/ });
  });
});
