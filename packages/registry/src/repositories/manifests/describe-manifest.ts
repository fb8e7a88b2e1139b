import { isAttestation, parseManifest } from "@wharf/image";
import type { Digest } from "@wharf/image";
import type { Transaction } from "kysely";
import { REGISTRY } from "../../audit/performer.ts";
import type { RegistryContext } from "../../context.ts";
import type { Tables } from "../../database/tables.ts";
import { EXPIRES_AFTER, IMMUTABLE } from "../tags/tag-marks.ts";
import type { Label, NewLabel } from "../labels/label.ts";
import { deleteLabels, findLabels, insertLabels } from "../labels/label-store.ts";
import { manifestLabels } from "../labels/manifest-labels.ts";
import { findManifest } from "../manifest-store.ts";
import type { StoredManifest } from "../manifest-store.ts";
import type { Repository } from "../repository.ts";
import { applyLabels } from "./apply-labels.ts";
import {
  findActingLabels,
  findDescription,
  lockManifest,
  saveDescription,
} from "./description-store.ts";
import { manifestFacts } from "./manifest-facts.ts";
import type { ManifestFacts } from "./manifest-facts.ts";
import { readConfig } from "./read-config.ts";
import { tolerant } from "./tolerant.ts";

/** What describing needs of a registry. */
export type DescribingContext = Pick<RegistryContext, "database" | "store" | "now">;

/** Indexes in indexes that are followed. */
const DEPTH = 4;

/** Children of an index that are asked for their labels; an index with more takes over none. */
const MOST_CHILDREN = 200;

/**
 * Reads the config of a manifest, writes down its platform and its labels, and does to its tags what the labels say.
 * Doing it again changes nothing. What is no image, or not understood, is described as far as it goes.
 *
 * @throws {StorageError} `unavailable`
 */
export async function describeManifest(
  context: DescribingContext,
  repository: Repository,
  manifest: StoredManifest,
  depth: number = DEPTH,
): Promise<void> {
  const { database, now } = context;
  const facts = manifestFacts(manifest);
  const config =
    facts.kind === "image" && facts.config !== undefined
      ? await readConfig(context, repository.id, facts.config.digest)
      : undefined;
  const wanted = [
    ...manifestLabels(config?.labels ?? new Map(), facts.annotations),
    ...(await commonLabels(context, repository, manifest, facts, depth)),
  ];
  await database.transaction(async (trx) => {
    const { digest } = manifest;
    if (!(await lockManifest(trx, database.dialect, repository.id, digest))) return;
    await replaceLabels(trx, repository, digest, wanted, now());
    const about = { platform: config?.platform, configDigest: facts.config?.digest };
    await saveDescription(trx, repository.id, digest, about, now());
    await applyLabels(trx, repository, { digest, labels: wanted, actor: REGISTRY }, now());
  });
}

/** Describes a manifest unless that was done before. */
export async function describeOnce(
  context: DescribingContext,
  repository: Repository,
  manifest: StoredManifest,
): Promise<void> {
  const { read } = context.database;
  const description = await findDescription(read, repository.id, manifest.digest);
  if (description?.describedAt === null) await describeManifest(context, repository, manifest);
}

/** A manifest never changes, so labels that are there already keep their ids; those of the API stay. */
async function replaceLabels(
  trx: Transaction<Tables>,
  repository: Repository,
  digest: string,
  wanted: readonly NewLabel[],
  now: number,
): Promise<void> {
  const manifest = { repositoryId: repository.id, digest };
  const missing = new Map(wanted.map((label) => [identity(label), label]));
  const gone: string[] = [];
  for (const label of await findLabels(trx, manifest)) {
    if (label.source !== "api" && !missing.delete(identity(label))) gone.push(label.id);
  }
  if (gone.length > 0) await deleteLabels(trx, manifest, gone);
  if (missing.size > 0) await insertLabels(trx, manifest, [...missing.values()], now);
}

function identity({ source, key, value, mediaType }: Label | NewLabel): string {
  return JSON.stringify([source, key, value, mediaType]);
}

/**
 * An index expires, or is protected, when all of its images say the same (Quay, "quay.expires-after"). One with images
 * that are not there does not.
 */
async function commonLabels(
  context: DescribingContext,
  repository: Repository,
  manifest: StoredManifest,
  { kind }: ManifestFacts,
  depth: number,
): Promise<NewLabel[]> {
  if (kind !== "index" || depth === 0) return [];
  const digests = imageDigests(manifest);
  if (digests.length === 0 || digests.length > MOST_CHILDREN) return [];
  const { read } = context.database;
  for (const digest of digests) {
    const child = await findManifest(read, repository.id, digest);
    if (child === undefined) return [];
    const description = await findDescription(read, repository.id, digest);
    if (description?.describedAt === null) {
      await describeManifest(context, repository, child, depth - 1);
    }
  }
  const values = new Map<string, Set<string>>();
  const counts = new Map<string, Set<string>>();
  for (const { digest, key, value } of await findActingLabels(read, repository.id, digests)) {
    values.set(key, (values.get(key) ?? new Set()).add(value));
    counts.set(key, (counts.get(key) ?? new Set()).add(digest));
  }
  return [EXPIRES_AFTER, IMMUTABLE].flatMap((key): NewLabel[] => {
    const [value, ...others] = values.get(key) ?? [];
    const isCommon = others.length === 0 && counts.get(key)?.size === digests.length;
    if (value === undefined || !isCommon) return [];
    return [{ key, value, source: "internal", mediaType: "text/plain" }];
  });
}

function imageDigests({ content }: StoredManifest): Digest[] {
  const parsed = tolerant(() => parseManifest(content, "the index"));
  if (parsed?.kind !== "index") return [];
  const images = parsed.manifests.filter((child) => !isAttestation(child));
  return [...new Set(images.map(({ digest }) => digest))];
}
