import { createPrivateKey, X509Certificate } from "node:crypto";
import type { KeyObject } from "node:crypto";
import { readFile } from "node:fs/promises";
import { createSecureContext } from "node:tls";

/** Where certificate and key lie; absolute. */
export interface CertificatePaths {
  readonly certificate: string;
  readonly key: string;
}

/** A certificate chain and its key, both PEM: what `https.createServer` and `setSecureContext` take. */
export interface Certificate {
  readonly cert: string;
  readonly key: string;
  /** When the server's own certificate ends, milliseconds since 1970. */
  readonly expiresAt: number;
}

/** Why files are no certificate and key that belong together. */
export class CertificateError extends Error {
  override readonly name = "CertificateError";
  /** Which of the two files is to blame. */
  readonly file: "certificate" | "key";

  constructor(file: CertificateError["file"], message: string, cause?: unknown) {
    super(message, { cause });
    this.file = file;
  }
}

/** @throws {CertificateError} when one cannot be read or used, or they do not belong together */
export async function readCertificate(paths: CertificatePaths): Promise<Certificate> {
  const cert = await readPem("certificate", paths.certificate);
  const key = await readPem("key", paths.key);
  const own = parsed("certificate", paths.certificate, () => new X509Certificate(cert));
  const privateKey: KeyObject = parsed("key", paths.key, () => createPrivateKey(key));
  if (!own.checkPrivateKey(privateKey)) {
    throw new CertificateError(
      "key",
      `${paths.key} does not belong to the first certificate in ${paths.certificate}`,
    );
  }
  // OpenSSL refuses more than that, such as keys that are too short.
  parsed("certificate", paths.certificate, () => createSecureContext({ cert, key }));
  return { cert, key, expiresAt: own.validToDate.getTime() };
}

async function readPem(file: CertificateError["file"], path: string): Promise<string> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    throw new CertificateError(file, `cannot be read: ${messageOf(error)}`, error);
  }
}

function parsed<T>(file: CertificateError["file"], path: string, parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    const what = file === "key" ? "private key in PEM, or has a passphrase" : "certificate in PEM";
    throw new CertificateError(file, `${path} is no ${what}: ${messageOf(error)}`, error);
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
