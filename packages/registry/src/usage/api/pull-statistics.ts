import * as endpoints from "@wharf/contract/endpoints";
import { serve } from "../../api/api-route.ts";
import type { ApiRoute } from "../../api/api-route.ts";
import { mailDate } from "../../api/mail-date.ts";
import { RegistryError } from "../../http/registry-error.ts";
import { findByReference } from "../../repositories/manifests/find-by-reference.ts";
import { isTagName } from "../../repositories/tag-name.ts";
import { findManifestPulls, findTagPulls } from "../pull-store.ts";
import type { PullCount } from "../pull-store.ts";

export const pullStatisticsRoutes: readonly ApiRoute[] = [
  serve(endpoints.getTagPullStatistics, async ({ context, repository, path: { tag } }) => {
    if (!isTagName(tag)) {
      throw new RegistryError("TAG_INVALID", "that is no tag", { detail: { field: "tag" } });
    }
    const { read } = context.database;
    const { digest } = await findByReference(context, repository, tag, "tag");
    const [ofTag, ofManifest] = await Promise.all([
      findTagPulls(read, repository.id, tag),
      findManifestPulls(read, repository.id, digest),
    ]);
    return {
      tag_name: tag,
      tag_pull_count: ofTag.pulls,
      last_tag_pull_date: lastDate(ofTag),
      current_manifest_digest: digest,
      manifest_pull_count: ofManifest.pulls,
      last_manifest_pull_date: lastDate(ofManifest),
    };
  }),

  serve(endpoints.getManifestPullStatistics, async ({ context, repository, path }) => {
    const { digest } = await findByReference(context, repository, path.manifestref);
    const counted = await findManifestPulls(context.database.read, repository.id, digest);
    return {
      manifest_digest: digest,
      manifest_pull_count: counted.pulls,
      last_manifest_pull_date: lastDate(counted),
    };
  }),
];

function lastDate({ lastPulledAt }: PullCount): string | null {
  return lastPulledAt === undefined ? null : mailDate(lastPulledAt);
}
