import { ImageError, parseManifest } from "@wharf/image";
import type { Digest } from "@wharf/image";
import type { Kysely } from "kysely";
import { z } from "zod";
import type { RegistryContext } from "../context.ts";
import type { Tables } from "../database/tables.ts";
import { on } from "../events/event-listener.ts";
import type { EventListener } from "../events/event-listener.ts";
import { RegistryError } from "../http/registry-error.ts";
import { jobHandler } from "../jobs/job-handler.ts";
import type { JobHandler } from "../jobs/job-handler.ts";
import { findManifest } from "../repositories/manifest-store.ts";
import type { StoredManifest } from "../repositories/manifest-store.ts";
import { squashesAtPush } from "../repositories/repository-store.ts";
import { planKey } from "./plan-key.ts";
import { sourceImage } from "./source-image.ts";
import { hasPlan } from "./squash-plan-store.ts";
import type { SquashedImages } from "./squashed-images.ts";
import type { SquashedLayers } from "./squashed-layers.ts";

const KIND = "manifest.index";

/**
 * Right after a push its layers are indexed. Most pushes change a config or a label and bring no new layers: they leave
 * nothing to do.
 */
export const squashListeners: readonly EventListener[] = [
  on("manifest.pushed", async ({ repositoryId, repository, digest }, trx) => {
    const pushed = await findManifest(trx, repositoryId, digest as Digest); // recordEvent wrote nothing else
    if (pushed === undefined) return undefined;
    const isDone = !(await squashesAtPush(trx, repositoryId)) && (await isPlanned(trx, pushed));
    if (isDone) return undefined;
    return { kind: KIND, key: `${repositoryId} ${digest}`, payload: { repository, digest } };
  }),
];

async function isPlanned(db: Kysely<Tables>, { content }: StoredManifest): Promise<boolean> {
  try {
    const manifest = parseManifest(content, "the manifest");
    return manifest.kind === "manifest" && (await hasPlan(db, planKey(manifest.layers, 0)));
  } catch (error) {
    if (error instanceof ImageError) return false;
    throw error;
  }
}

/**
 * Indexes the layers of what was pushed and plans how they are squashed; makes its squashed image where the repository
 * wants that at once.
 */
export function squashJobs(
  context: RegistryContext,
  { layers, images }: { layers: SquashedLayers; images: SquashedImages },
): JobHandler[] {
  return [
    jobHandler({
      kind: KIND,
      payload: z.object({ repository: z.string(), digest: z.string() }),
      run: async (pushed) => {
        const repository = await context.accounts.findRepository(pushed.repository);
        if (repository === undefined) return;
        const digest = pushed.digest as Digest; // recordEvent wrote nothing else
        const manifest = await findManifest(context.database.read, repository.id, digest);
        if (manifest === undefined) return;
        try {
          if (manifest.kind === "index") {
            if (!repository.squashAtPush) return;
            await images.ofIndex(repository, manifest, repository.squashCompression);
            return;
          }
          const image = await sourceImage(context, repository, manifest, undefined);
          await layers.plan(image, 0);
          if (repository.squashAtPush) await images.of(image, repository.squashCompression);
        } catch (error) {
          // What cannot be squashed is kept all the same; whoever wants it squashed is told.
          if (!(error instanceof RegistryError) || error.status >= 500) throw error;
          context.log.debug("a pushed image cannot be squashed", {
            repository: repository.name,
            digest,
            reason: error.message,
          });
        }
      },
    }),
  ];
}
