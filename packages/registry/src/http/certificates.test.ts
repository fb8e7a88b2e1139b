import assert from "node:assert/strict";
import { once } from "node:events";
import { copyFile, mkdtempDisposable, rename, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { connect } from "node:tls";

import { SILENT_LOGGER } from "../log.ts";
import type { Logger } from "../log.ts";
import { CertificateWatch } from "./certificate-watch.ts";
import { CertificateError, readCertificate } from "./certificates.ts";
import type { CertificatePaths } from "./certificates.ts";
import { makeCertificate } from "./testing/make-certificate.ts";

test("a certificate and its key are read", async () => {
  await using folder = await certificateFolder();
  await makeCertificate(folder.paths, "first");
  const { cert, key, expiresAt } = await readCertificate(folder.paths);
  assert.match(cert, /BEGIN CERTIFICATE/);
  assert.match(key, /BEGIN PRIVATE KEY/);
  assert.ok(expiresAt > Date.now());
});

test("what is missing, damaged or does not belong together is told, with the file to blame", async () => {
  await using folder = await certificateFolder();
  const { paths } = folder;
  await refuses(paths, "certificate", /^cannot be read: ENOENT/);
  await makeCertificate(paths, "first");
  await rm(paths.key);
  await refuses(paths, "key", /^cannot be read: ENOENT/);
  await writeFile(paths.key, "no key");
  await refuses(paths, "key", /is no private key in PEM/);
  await makeCertificate({ ...paths, certificate: join(folder.path, "other.pem") }, "second");
  await refuses(paths, "key", /does not belong to the first certificate/);
  await writeFile(
    paths.certificate,
    "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----",
  );
  await refuses(paths, "certificate", /is no certificate in PEM/);
});

test("a key is never part of an error", async () => {
  await using folder = await certificateFolder();
  await makeCertificate(folder.paths, "first");
  const { key } = await readCertificate(folder.paths);
  await copyFile(folder.paths.key, folder.paths.certificate);
  const error = await readCertificate(folder.paths).catch((reason: unknown) => reason);
  assert.ok(error instanceof CertificateError);
  const body = key.split("\n")[1] ?? "";
  assert.ok(body.length > 20 && !error.message.includes(body));
});

test("a running server takes new files as soon as they are there, and never bad ones", async () => {
  await using folder = await certificateFolder();
  const { paths } = folder;
  await makeCertificate(paths, "first");
  const begun = await readCertificate(paths);
  const server = createServer(begun, (_request, response) => response.end());
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const messages = new Messages();
  try {
    using certificates = new CertificateWatch(server, paths, begun, messages.logger);
    assert.equal(await presentedName(server.address() as AddressInfo), "first");

    await certificates.reload();
    assert.deepEqual(messages.seen, [], "nothing has changed, nothing is said");

    await writeFile(paths.certificate, "half a fi");
    assert.match(await messages.next(), /cannot be used, the old one stays/);
    assert.equal(await presentedName(server.address() as AddressInfo), "first");
    await certificates.reload();
    assert.equal(messages.seen.length, 1, "the same complaint is not made twice");

    const fresh = { certificate: join(folder.path, "new.crt"), key: join(folder.path, "new.key") };
    await makeCertificate(fresh, "second");
    await rename(fresh.key, paths.key);
    await rename(fresh.certificate, paths.certificate);
    while (!/new certificate in use/.test(await messages.next()));
    assert.equal(await presentedName(server.address() as AddressInfo), "second");
  } finally {
    server.closeAllConnections();
    server.close();
    await once(server, "close");
  }
});

async function refuses(
  paths: CertificatePaths,
  file: "certificate" | "key",
  message: RegExp,
): Promise<void> {
  await assert.rejects(readCertificate(paths), (error) => {
    assert.ok(error instanceof CertificateError);
    assert.equal(error.file, file);
    assert.match(error.message, message);
    return true;
  });
}

async function certificateFolder() {
  const folder = await mkdtempDisposable(join(tmpdir(), "wharf-certificates-"));
  const paths: CertificatePaths = {
    certificate: join(folder.path, "tls.crt"),
    key: join(folder.path, "tls.key"),
  };
  return Object.assign(folder, { paths });
}

/** Common name of the certificate that a new connection sees. */
async function presentedName({ port }: AddressInfo): Promise<unknown> {
  const socket = connect({ port, host: "127.0.0.1", rejectUnauthorized: false });
  await once(socket, "secureConnect");
  const { subject } = socket.getPeerCertificate();
  socket.destroy();
  return subject.CN;
}

/** What is said to a logger, to be waited for. */
class Messages {
  readonly seen: string[] = [];
  #read = 0;
  #wake = Promise.withResolvers<undefined>();

  readonly logger: Logger = {
    ...SILENT_LOGGER,
    info: (message) => this.#add(message),
    error: (message) => this.#add(message),
  };

  async next(): Promise<string> {
    while (this.#read >= this.seen.length) await this.#wake.promise;
    this.#read += 1;
    return this.seen[this.#read - 1] ?? "";
  }

  #add(message: string): void {
    this.seen.push(message);
    this.#wake.resolve(undefined);
    this.#wake = Promise.withResolvers();
  }
}
