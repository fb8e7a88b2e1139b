import type { FolderEntry } from "@wharf/image";
import type { Principal } from "../accounts/principal.ts";
import type { ApiContext } from "../api/api-context.ts";
import { RegistryError } from "../http/registry-error.ts";
import type { StoredManifest } from "../repositories/manifest-store.ts";
import type { Repository } from "../repositories/repository.ts";
import { sourceImage } from "../squash/source-image.ts";
import type { SourceImage } from "../squash/source-image.ts";
import { asComparisonRefusal } from "./comparison-refusal.ts";

export interface FolderWish {
  readonly manifest: StoredManifest;
  readonly platform: string | undefined;
  /** From the root. */
  readonly path: string;
  /** Entries in the order of their names. */
  readonly from: number;
  readonly limit: number;
}

/**
 * Lists a folder of an image, all layers put together.
 *
 * @throws {RegistryError} NOT_FOUND when there is no such folder, otherwise as `compareImages`
 */
export async function listImageFolder(
  context: ApiContext,
  actor: Principal,
  repository: Repository,
  { manifest, platform, ...page }: FolderWish,
): Promise<{
  readonly image: SourceImage;
  readonly entries: readonly FolderEntry[];
  readonly total: number;
}> {
  await context.accounts.rights.require(actor, "repository.read", { repository });
  const image = await findImage(context, repository, manifest, platform);
  const folder = await context.comparisons.folder(image, page);
  if (folder === undefined) {
    throw new RegistryError("NOT_FOUND", "the image has no such folder", {
      detail: { field: "path", path: page.path.slice(0, 300) },
    });
  }
  return { image, ...folder };
}

async function findImage(
  context: ApiContext,
  repository: Repository,
  manifest: StoredManifest,
  platform: string | undefined,
): Promise<SourceImage> {
  try {
    return await sourceImage(context, repository, manifest, platform);
  } catch (error) {
    throw asComparisonRefusal(error);
  }
}
