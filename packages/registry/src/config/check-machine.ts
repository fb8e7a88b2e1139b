import { X509Certificate } from "node:crypto";
import { constants } from "node:fs";
import { access, readFile, stat } from "node:fs/promises";
import { dirname } from "node:path";

import { CertificateError, readCertificate } from "../http/certificates.ts";
import type { Config } from "./config.ts";
import type { OptionKey } from "./options.ts";
import type { Origin, Problem } from "./problem.ts";
import type { SettingKey } from "./setting-key.ts";

/**
 * Asks the machine whether the configuration can work here: files are there and readable, folders can be written.
 * Changes nothing; folders that are missing are made when the server starts.
 */
export async function checkMachine(
  { server, database, storage, squash, ldap }: Config,
  origins: ReadonlyMap<SettingKey, Origin>,
): Promise<Problem[]> {
  const checks: { readonly key: OptionKey; readonly complaint: string | undefined }[] = [];
  if (server.tls !== undefined) checks.push(...(await certificateChecks(server.tls)));
  if (ldap?.caCertificate !== undefined) {
    const complaint = await certificateComplaint(ldap.caCertificate);
    checks.push({ key: "ldap.caCertificate", complaint });
  }
  if (database.kind === "sqlite") {
    checks.push({ key: "database.path", complaint: await fileComplaint(database.path) });
  }
  if (storage.kind === "filesystem") {
    checks.push({ key: "storage.path", complaint: await folderComplaint(storage.path) });
  }
  if (squash.cacheBytes > 0) {
    checks.push({
      key: "squash.cacheFolder",
      complaint: await folderComplaint(squash.cacheFolder),
    });
  }
  const problems = new Map<string, Problem>();
  for (const { key, complaint: message } of checks) {
    if (message === undefined) continue;
    // Most paths follow from `data`: that is what to change then, and it is said once.
    const named = origins.has(key) || /^(?:server|ldap)\./.test(key) ? key : "data";
    problems.set(`${named} ${message}`, { origin: origins.get(named), key: named, message });
  }
  return [...problems.values()];
}

async function certificateChecks(
  tls: NonNullable<Config["server"]["tls"]>,
): Promise<{ key: OptionKey; complaint: string }[]> {
  try {
    await readCertificate(tls);
    return [];
  } catch (error) {
    if (!(error instanceof CertificateError)) throw error;
    const key = error.file === "key" ? "server.tls.key" : "server.tls.certificate";
    return [{ key, complaint: `is not usable: ${error.message}` }];
  }
}

async function certificateComplaint(path: string): Promise<string | undefined> {
  try {
    for (const pem of certificatesIn(await readFile(path, "utf8"))) new X509Certificate(pem);
    return undefined;
  } catch (error) {
    return `is not usable: ${error instanceof Error ? error.message : String(error)}`;
  }
}

function certificatesIn(text: string): readonly string[] {
  const found = text.match(/-----BEGIN CERTIFICATE-----[^]*?-----END CERTIFICATE-----/g);
  if (found === null) throw new Error("there is no certificate in PEM in it");
  return found;
}

/** Why no file can be opened for writing there. */
async function fileComplaint(path: string): Promise<string | undefined> {
  const found = await stat(path).catch(() => undefined);
  if (found?.isDirectory() === true) return `must be a file, and ${path} is a folder`;
  if (found === undefined) return await folderComplaint(dirname(path));
  return await writeComplaint(path);
}

/** Why the folder cannot be written, or made. */
async function folderComplaint(path: string): Promise<string | undefined> {
  const found = await stat(path).catch(() => undefined);
  if (found === undefined) {
    const parent = dirname(path);
    return parent === path ? `cannot be made: ${path}` : await folderComplaint(parent);
  }
  if (!found.isDirectory()) return `must be a folder, and ${path} is a file`;
  return await writeComplaint(path);
}

async function writeComplaint(path: string): Promise<string | undefined> {
  try {
    await access(path, constants.W_OK);
    return undefined;
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return `cannot be written: ${reason}`;
  }
}
