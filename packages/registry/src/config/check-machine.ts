import { X509Certificate } from "node:crypto";
import { constants } from "node:fs";
import { access, readFile, stat } from "node:fs/promises";
import { dirname } from "node:path";

import { CertificateError, readCertificate } from "../http/certificates.ts";
import type { Config, LdapConfig } from "./config.ts";
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
  if (ldap !== undefined) checks.push(...(await directoryChecks(ldap)));
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

async function directoryChecks({ caCertificate, userFilter, groupFilter }: LdapConfig) {
  // Only whoever has a directory pays for what knows filters.
  const { FilterParser } = await import("ldapts");
  const filterComplaint = (filter: string): string | undefined => {
    try {
      FilterParser.parseString(filter);
      return undefined;
    } catch (error) {
      return `is no filter: ${error instanceof Error ? error.message : String(error)}`;
    }
  };
  return [
    {
      key: "ldap.caCertificate",
      complaint:
        caCertificate === undefined ? undefined : await certificateComplaint(caCertificate),
    },
    { key: "ldap.userFilter", complaint: filterComplaint(userFilter) },
    { key: "ldap.groupFilter", complaint: filterComplaint(groupFilter) },
  ] as const;
}

async function certificateComplaint(path: string): Promise<string | undefined> {
  try {
    expectCertificates(await readFile(path, "utf8"));
    return undefined;
  } catch (error) {
    return `is not usable: ${error instanceof Error ? error.message : String(error)}`;
  }
}

function expectCertificates(text: string): void {
  const found = text.match(/-----BEGIN CERTIFICATE-----[^]*?-----END CERTIFICATE-----/g) ?? [];
  if (found.length === 0) throw new Error("there is no certificate in PEM in it");
  const certificates = found.map((pem) => new X509Certificate(pem));
  if (certificates.every(({ ca }) => !ca)) throw new Error("it has no certificate of an authority");
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
