import { execFile } from "node:child_process";
import { promisify } from "node:util";

import type { CertificatePaths } from "../certificates.ts";

const run = promisify(execFile);

/** Writes a new self-signed certificate for `localhost` with its key, made by openssl. */
export async function makeCertificate(
  { certificate, key }: CertificatePaths,
  commonName: string,
): Promise<void> {
  const kind = "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2";
  const subject = ["-subj", `/CN=${commonName}`, "-addext", "subjectAltName=DNS:localhost"];
  await run("openssl", [...kind.split(" "), ...subject, "-keyout", key, "-out", certificate]);
}
