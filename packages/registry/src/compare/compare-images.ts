import { formatPlatform, readFileChanges } from "@wharf/image";
import type { ChangeKind, ChangeSummary, FileChange } from "@wharf/image";
import { unknownRepository } from "../accounts/admin/actor.ts";
import type { Principal } from "../accounts/principal.ts";
import type { ApiContext } from "../api/api-context.ts";
import { RegistryError } from "../http/registry-error.ts";
import { configFacts } from "../repositories/manifests/config-facts.ts";
import { findByReference } from "../repositories/manifests/find-by-reference.ts";
import { toRepositoryName } from "../repositories/repository-name.ts";
import type { Repository } from "../repositories/repository.ts";
import { sourceImage } from "../squash/source-image.ts";
import type { SourceImage } from "../squash/source-image.ts";
import { compareConfigs } from "./compare-configs.ts";
import type { ConfigChanges } from "./compare-configs.ts";
import { compareLayers } from "./compare-layers.ts";
import type { ComparedLayer, MeasuredImage } from "./compare-layers.ts";
import { asComparisonRefusal } from "./comparison-refusal.ts";

/** Where a page of changes begins. The digests keep the images the same when tags move meanwhile. */
export interface ComparisonPage {
  readonly base: string;
  readonly head: string;
  /** Number of the change. */
  readonly at: number;
}

export interface ComparisonWish {
  /** Tags or digests. */
  readonly base: string;
  readonly head: string;
  /** Full name; undefined: the same as that of the head. */
  readonly baseRepository: string | undefined;
  readonly platform: string | undefined;
  readonly kind: ChangeKind | undefined;
  readonly limit: number;
  readonly page: ComparisonPage | undefined;
}

export interface Comparison {
  readonly base: MeasuredImage;
  readonly head: MeasuredImage;
  readonly config: ConfigChanges;
  readonly layers: readonly ComparedLayer[];
  readonly summary: ChangeSummary;
  readonly files: readonly FileChange[];
  readonly isTruncated: boolean;
  readonly next: ComparisonPage | undefined;
}

/**
 * Compares two images that the actor may read.
 *
 * @param repository of the head
 * @throws {RegistryError} MANIFEST_UNKNOWN, NAME_UNKNOWN, PLATFORM_UNKNOWN, PARAMETER_INVALID, COMPARE_REFUSED for what
 *   is no image or cannot be read, UNAVAILABLE while layers are read for the first time
 */
export async function compareImages(
  context: ApiContext,
  actor: Principal,
  repository: Repository,
  wish: ComparisonWish,
): Promise<Comparison> {
  const { comparisons } = context;
  await context.accounts.rights.require(actor, "repository.read", { repository });
  const images = await findImages(context, actor, repository, wish);
  const changes = await comparisons.compare(images.base, images.head);
  const [base, head] = await Promise.all([
    measured(context, images.base),
    measured(context, images.head),
  ]);
  const at = wish.page?.at ?? 0;
  const { changes: files, next } = readFileChanges(changes, at, wish.limit, wish.kind);
  return {
    base,
    head,
    config: compareConfigs(base.facts, head.facts),
    layers: compareLayers(base, head),
    summary: changes.summary,
    files,
    isTruncated: changes.isTruncated,
    next:
      next === undefined
        ? undefined
        : { base: images.base.digest, head: images.head.digest, at: next },
  };
}

async function findImages(
  context: ApiContext,
  actor: Principal,
  repository: Repository,
  wish: ComparisonWish,
): Promise<{ base: SourceImage; head: SourceImage }> {
  const baseRepository = await otherRepository(context, actor, repository, wish.baseRepository);
  const { page, platform } = wish;
  const [base, head] = await Promise.all([
    findByReference(context, baseRepository, page?.base ?? wish.base, "base"),
    findByReference(context, repository, page?.head ?? wish.head, "head"),
  ]);
  try {
    // One that has a single platform decides for the other, when nobody says which.
    if (platform === undefined && base.kind === "image" && head.kind === "index") {
      const image = await sourceImage(context, baseRepository, base, undefined);
      const same = formatPlatform(image.platform);
      return { base: image, head: await sourceImage(context, repository, head, same) };
    }
    const image = await sourceImage(context, repository, head, platform);
    const isDecided = platform === undefined && head.kind === "image" && base.kind === "index";
    const wanted = isDecided ? formatPlatform(image.platform) : platform;
    return { base: await sourceImage(context, baseRepository, base, wanted), head: image };
  } catch (error) {
    throw asComparisonRefusal(error);
  }
}

/** What they may not read is not there for them. */
async function otherRepository(
  { accounts }: ApiContext,
  actor: Principal,
  repository: Repository,
  text: string | undefined,
): Promise<Repository> {
  if (text === undefined || text === repository.name) return repository;
  const name = toRepositoryName(text);
  if (name === undefined) {
    throw new RegistryError("PARAMETER_INVALID", "base_repository: is no name of a repository", {
      detail: { field: "base_repository" },
    });
  }
  const found = await accounts.findRepository(name);
  if (found === undefined) throw unknownRepository(name);
  await accounts.rights.require(actor, "repository.read", { repository: found });
  return found;
}

async function measured({ comparisons }: ApiContext, image: SourceImage): Promise<MeasuredImage> {
  return { image, facts: configFacts(image.config), sizes: await comparisons.sizes(image) };
}
