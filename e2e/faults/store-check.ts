import { createReadStream } from "node:fs";
import { createHash } from "node:crypto";
import { readdir, stat } from "node:fs/promises";
import { join, relative } from "node:path";

import type { Metadata } from "./metadata.ts";
import type { Truth } from "./truth.ts";

export interface StoreFolders {
  readonly storage: string;
  /** Of squashed layers, one for each server. */
  readonly caches: readonly string[];
}

/**
 * Compares what was acknowledged, the rows and the files, after a collection and with all servers stopped.
 *
 * @returns what is wrong, one line each; every line has the names of the objects in it
 */
export async function storeProblems(
  metadata: Metadata,
  folders: StoreFolders,
  truth: Truth,
): Promise<string[]> {
  return [
    ...(await rowProblems(metadata, truth)),
    ...(await orphanRows(metadata)),
    ...(await objectProblems(metadata, folders.storage)),
    ...(await cacheProblems(folders.caches)),
  ];
}

/** Manifests and links are exactly those of the images that are there. */
async function rowProblems(metadata: Metadata, truth: Truth): Promise<string[]> {
  const manifests = await metadata.rows<{ row: string }>(
    "select r.name || ' manifest ' || m.digest as row from manifests m join repositories r on r.id = m.repository_id",
  );
  const links = await metadata.rows<{ row: string }>(
    "select r.name || ' blob ' || b.digest as row from repository_blobs b join repositories r on r.id = b.repository_id where b.deleted_at is null",
  );
  const tags = await metadata.rows<{ row: string }>(
    "select r.name || ' tag ' || t.name || ' ' || t.manifest_digest as row from tags t join repositories r on r.id = t.repository_id",
  );
  const expected = new Set<string>();
  for (const { repository, tag, image } of truth.slots) {
    if (image !== undefined) expected.add(`${repository} tag ${tag} ${image.manifest.digest}`);
  }
  for (const repository of truth.repositories) {
    for (const [digest, { blobs }] of truth.images(repository)) {
      expected.add(`${repository} manifest ${digest}`);
      for (const blob of blobs) expected.add(`${repository} blob ${blob.digest}`);
    }
  }
  const found = new Set([...manifests, ...links, ...tags].map(({ row }) => row));
  return [
    ...[...expected.difference(found)].map((row) => `row missing: ${row}`),
    ...[...found.difference(expected)].map((row) => `row left: ${row}`),
  ];
}

/** Each finds rows that should not be there any more, or that refer to nothing. */
const ORPHANS: readonly string[] = [
  "select 'hidden link' as what, digest as name from repository_blobs where deleted_at is not null",
  "select 'hidden manifest' as what, digest as name from manifests where deleted_at is not null",
  "select 'blob given up' as what, digest as name from blobs where state <> 'live'",
  "select 'link without blob' as what, digest as name from repository_blobs where digest not in (select digest from blobs)",
  "select 'reference without link' as what, blob_digest as name from manifest_blobs m where not exists (select 1 from repository_blobs b where b.repository_id = m.repository_id and b.digest = m.blob_digest)",
  "select 'reference without manifest' as what, manifest_digest as name from manifest_blobs m where not exists (select 1 from manifests x where x.repository_id = m.repository_id and x.digest = m.manifest_digest)",
  "select 'child without parent' as what, manifest_digest as name from manifest_children m where not exists (select 1 from manifests x where x.repository_id = m.repository_id and x.digest = m.manifest_digest)",
  "select 'unused blob' as what, digest as name from blobs b where not exists (select 1 from repository_blobs r where r.digest = b.digest) and not exists (select 1 from squashed_images s where s.layer_digest = b.digest and s.compression <> 'none')",
  "select 'squashed image without layer' as what, source_digest as name from squashed_images s where s.compression <> 'none' and not exists (select 1 from blobs b where b.digest = s.layer_digest)",
  "select 'squashed image without source' as what, source_digest as name from squashed_images s where not exists (select 1 from manifests m where m.digest = s.source_digest)",
  "select 'squashed index without source' as what, source_digest as name from squashed_indexes s where not exists (select 1 from manifests m where m.digest = s.source_digest)",
  "select 'layer index without layer' as what, digest as name from layer_indexes i where not exists (select 1 from blobs b where b.digest = i.digest)",
  "select 'upload' as what, id as name from uploads",
  "select 'event' as what, kind as name from events",
  "select 'lease' as what, name from leases",
  "select 'job that was given up' as what, kind || ' ' || key || ' ' || coalesce(last_error, '') as name from jobs where state = 'dead'",
  "select 'job' as what, kind || ' ' || key || ' ' || coalesce(last_error, '') as name from jobs where kind = 'manifest.index'",
];

async function orphanRows(metadata: Metadata): Promise<string[]> {
  const problems: string[] = [];
  for (const query of ORPHANS) {
    for (const { what, name } of await metadata.rows<{ what: string; name: string }>(query)) {
      problems.push(`${what}: ${name}`);
    }
  }
  return problems;
}

/** Every object has a row and every row its object; blobs are what their digests say. */
async function objectProblems(metadata: Metadata, storage: string): Promise<string[]> {
  const blobs = await metadata.rows<{ digest: string; key: string; size: number }>(
    "select digest, key, size from blobs",
  );
  const indexes = await metadata.rows<{ digest: string; version: number }>(
    "select digest, version from layer_indexes where state = 'ready'",
  );
  const files = new Map(
    // What a digest is followed by is joined to it in the name of the file.
    (await filesBelow(storage)).map((file) => [relative(storage, file).replace("=", "/"), file]),
  );
  const problems: string[] = [];
  for (const { digest, key, size } of blobs) {
    const file = files.get(key);
    files.delete(key);
    if (file === undefined) problems.push(`no object ${key} of ${digest}`);
    else if ((await stat(file)).size !== size) problems.push(`${digest} has not ${size} bytes`);
    else if ((await hashOf(file)) !== digest) problems.push(`${file} is not ${digest}`);
  }
  for (const { digest, version } of indexes) {
    const [algorithm = "", hex = ""] = digest.split(":");
    const key = `indexes/${version}/${algorithm}/${hex.slice(0, 2)}/${hex}`;
    if (!files.delete(key)) problems.push(`no index ${key}`);
  }
  return [...problems, ...[...files.keys()].map((key) => `left in the storage: ${key}`)];
}

/** Nothing is half made, and what is complete has the digest of its name. */
async function cacheProblems(caches: readonly string[]): Promise<string[]> {
  const problems: string[] = [];
  for (const file of (await Promise.all(caches.map(filesBelow))).flat()) {
    const hex = /\.([0-9a-f]{64})$/.exec(file)?.[1];
    if (hex === undefined) problems.push(`left in the cache: ${file}`);
    else if ((await hashOf(file)) !== `sha256:${hex}`)
      problems.push(`damaged in the cache: ${file}`);
  }
  return problems;
}

async function filesBelow(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
}

async function hashOf(file: string): Promise<string> {
  const hash = createHash("sha256");
  for await (const chunk of createReadStream(file)) hash.update(chunk as Buffer); // no encoding is set
  return `sha256:${hash.digest("hex")}`;
}
