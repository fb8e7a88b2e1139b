import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { once } from "node:events";
import { copyFile, mkdir, mkdtempDisposable, readFile } from "node:fs/promises";
import { createServer } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite, test } from "node:test";
import { promisify } from "node:util";

import { exchange } from "../transports/http/exchange.ts";
import { Connections } from "./connections.ts";
import { explainFailure } from "./explain-failure.ts";
import { missingProgram } from "./testing/missing-program.ts";
import { startServer } from "./testing/start-server.ts";

const run = promisify(execFile);

suite("the certificate of a registry", { skip: missingProgram("openssl") }, () => {
  test("must come from someone who is trusted", async () => {
    await using server = await startSecureServer();
    await assert.rejects(ask(server, { insecure: false }), (error) => {
      const explained = explainFailure(error, server.host);
      assert.ok(explained instanceof Error);
      assert.match(explained.message, /the certificate of 127\.0\.0\.1:\d+ cannot be trusted/);
      return true;
    });
  });

  test("is not looked at when the registry may be insecure", async () => {
    await using server = await startSecureServer();
    assert.equal(await ask(server, { insecure: true }), 200);
  });

  test("is looked at when another host may be insecure", async () => {
    await using server = await startSecureServer();
    using connections = new Connections("registry.example.com", true, {});
    const url = new URL(`https://${server.host}/`);
    await assert.rejects(
      exchange({ method: "GET", url, agent: connections.agentFor(url), patience: 5000 }),
    );
  });

  test("may come from an authority of certs.d", async () => {
    await using server = await startSecureServer();
    const folder = join(server.folder, "containers/certs.d", server.host);
    await mkdir(folder, { recursive: true });
    await copyFile(join(server.folder, "cert.pem"), join(folder, "ca.crt"));
    assert.equal(
      await ask(server, { insecure: false, env: { XDG_CONFIG_HOME: server.folder } }),
      200,
    );
  });
});

test("a proxy is used, but not for this machine", async () => {
  await using proxy = await startServer((_, response) => response.end("from the proxy"));
  await using local = await startServer((_, response) => response.end("from here"));
  using connections = new Connections("registry.invalid", false, { http_proxy: proxy.url });
  const bodyOf = async (url: URL): Promise<string> => {
    const response = await exchange({
      method: "GET",
      url,
      agent: connections.agentFor(url),
      patience: 5000,
    });
    return Buffer.from(await response.bytes(1000)).toString();
  };
  assert.equal(await bodyOf(new URL("http://registry.invalid/v2/")), "from the proxy");
  assert.equal(await bodyOf(new URL(local.url)), "from here");
});

interface SecureServer extends AsyncDisposable {
  readonly host: string;
  /** Where `cert.pem` lies, and more may be put. */
  readonly folder: string;
}

async function startSecureServer(): Promise<SecureServer> {
  const folder = await mkdtempDisposable(join(tmpdir(), "tls-"));
  const [key, cert] = [join(folder.path, "key.pem"), join(folder.path, "cert.pem")];
  const subject = ["-subj", "/CN=test", "-addext", "subjectAltName=IP:127.0.0.1"];
  const kind = [
    "-newkey",
    "ec",
    "-pkeyopt",
    "ec_paramgen_curve:prime256v1",
    "-nodes",
    "-days",
    "2",
  ];
  await run("openssl", ["req", "-x509", ...kind, ...subject, "-keyout", key, "-out", cert]);
  const server = createServer(
    { key: await readFile(key), cert: await readFile(cert) },
    (_, response) => response.end(),
  );
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("the server has no port");
  return {
    host: `127.0.0.1:${address.port}`,
    folder: folder.path,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
      await folder.remove();
    },
  };
}

async function ask(
  server: SecureServer,
  { insecure, env = {} }: { insecure: boolean; env?: Record<string, string> },
): Promise<number> {
  using connections = new Connections(server.host, insecure, env);
  const url = new URL(`https://${server.host}/`);
  const response = await exchange({
    method: "GET",
    url,
    agent: connections.agentFor(url),
    patience: 5000,
  });
  response.discard();
  return response.status;
}
