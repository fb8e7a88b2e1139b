import * as endpoints from "@wharf/contract/endpoints";
import { serve } from "../../../api/api-route.ts";
import type { ApiRoute } from "../../../api/api-route.ts";
import { removeManifest } from "../remove-manifest.ts";
import { findByReference } from "../find-by-reference.ts";
import { showManifest } from "./show-manifest.ts";

export const manifestRoutes: readonly ApiRoute[] = [
  serve(endpoints.getRepoManifest, async ({ context, repository, path }) => {
    const manifest = await findByReference(context, repository, path.manifestref);
    return await showManifest(context, repository, manifest);
  }),

  serve(endpoints.deleteRepoManifest, async ({ context, actor, repository, path }) => {
    const { administration } = context.accounts;
    const { digest } = await findByReference(context, repository, path.manifestref);
    await removeManifest(administration, actor, repository, digest);
    return undefined;
  }),
];
