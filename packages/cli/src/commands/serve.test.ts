import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { mkdtempDisposable } from "node:fs/promises";
import { request } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { test } from "node:test";
import type { TLSSocket } from "node:tls";
import { promisify } from "node:util";

import { endOf, startWharf } from "../testing/run-wharf.ts";

test("the first start tells administrator and password once, and a signal ends it in peace", async () => {
  await using folder = await mkdtempDisposable(join(tmpdir(), "wharf-serve-"));
  const args = ["serve", "--port", "0", "--data", join(folder.path, "data")];

  const first = startWharf(args);
  const url = await listening(first);
  assert.equal((await fetch(`${url}/healthz`)).status, 200);
  first.kill("SIGTERM");
  const { code, stderr } = await endOf(first);
  assert.equal(code, 0, stderr);
  const [, password = ""] = /^ {2}password {2}(\w{24})$/m.exec(stderr) ?? [];
  assert.ok(password !== "", stderr);
  assert.ok(stderr.includes(`docker login --username admin ${new URL(url).host}`), stderr);

  const second = startWharf(args);
  const authorization = `Basic ${Buffer.from(`admin:${password}`).toString("base64")}`;
  const response = await fetch(`${await listening(second)}/v2/`, { headers: { authorization } });
  assert.equal(response.status, 200);
  second.kill("SIGINT");
  const end = await endOf(second);
  assert.equal(end.code, 0);
  assert.equal(end.stderr, "", "nothing is told twice");
});

test("SIGHUP brings a new certificate into use", async () => {
  await using folder = await mkdtempDisposable(join(tmpdir(), "wharf-serve-"));
  const [certificate, key] = [join(folder.path, "tls.crt"), join(folder.path, "tls.key")];
  await makeCertificate(certificate, key, "first");
  const server = startWharf(["serve", "--port", "0", "--data", join(folder.path, "data")], "pipe", {
    WHARF_SERVER_TLS_CERTIFICATE: certificate,
    WHARF_SERVER_TLS_KEY: key,
  });
  const lines = createInterface({ input: server.stdout ?? assert.fail() })[Symbol.asyncIterator]();
  const { url } = await message(lines, "listening");
  assert.equal(await presentedName(String(url)), "first");
  await makeCertificate(certificate, key, "second");
  server.kill("SIGHUP");
  await message(lines, "new certificate in use");
  assert.equal(await presentedName(String(url)), "second");
  server.kill("SIGTERM");
  assert.equal((await endOf(server)).code, 0);
});

test("a port that is taken is told", async () => {
  await using folder = await mkdtempDisposable(join(tmpdir(), "wharf-serve-"));
  const one = startWharf(["serve", "--port", "0", "--data", join(folder.path, "one")]);
  const { port } = new URL(await listening(one));
  const other = await endOf(
    startWharf(["serve", "--port", port, "--data", join(folder.path, "other")]),
  );
  assert.equal(other.code, 1);
  assert.match(other.stderr, new RegExp(`127\\.0\\.0\\.1 port ${port}: address already in use\n`));
  one.kill("SIGTERM");
  assert.equal((await endOf(one)).code, 0);
});

/** The URL of a server that has just been started, once it answers. */
async function listening(server: ChildProcess): Promise<string> {
  const lines = createInterface({ input: server.stdout ?? assert.fail() });
  return String((await message(lines[Symbol.asyncIterator](), "listening"))["url"]);
}

/** The next message of the log that says this. */
async function message(
  lines: AsyncIterator<string>,
  text: string,
): Promise<Record<string, unknown>> {
  for (;;) {
    const { value, done } = await lines.next();
    assert.ok(done !== true, `the server ended before it said "${text}"`);
    // The log writes one object in each line.
    const record = JSON.parse(value) as Record<string, unknown>;
    if (record["msg"] === text) return record;
  }
}

async function makeCertificate(certificate: string, key: string, name: string): Promise<void> {
  const kind = "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2";
  const rest = ["-subj", `/CN=${name}`, "-keyout", key, "-out", certificate];
  await promisify(execFile)("openssl", [...kind.split(" "), ...rest]);
}

/** Common name of the certificate that a new connection sees. */
function presentedName(url: string): Promise<unknown> {
  const { promise, resolve, reject } = Promise.withResolvers<unknown>();
  const options = { rejectUnauthorized: false, agent: false } as const;
  request(`${url}/healthz`, options, (response) => {
    // With https the socket is one of TLS.
    const socket = response.socket as TLSSocket;
    resolve(socket.getPeerCertificate().subject.CN);
    response.resume();
  })
    .on("error", reject)
    .end();
  return promise;
}
