import { MOST_ENTRIES } from "@wharf/contract";
import * as endpoints from "@wharf/contract/endpoints";
import { z } from "zod";
import { Reply, serve } from "../../../api/api-route.ts";
import type { ApiRoute } from "../../../api/api-route.ts";
import { decodeCursor, pageOf } from "../../../api/cursor.ts";
import { describeOnce } from "../../manifests/describe-manifest.ts";
import { findByReference } from "../../manifests/find-by-reference.ts";
import { addLabel } from "../add-label.ts";
import { deleteLabel } from "../delete-label.ts";
import { getLabel, listLabels } from "../list-labels.ts";
import type { Label } from "../label.ts";

const cursor = z.object({ key: z.string(), id: z.string() });

/** Most labels that are told at once where no limit is given: more than a manifest can have. */
const ALL = 10 * MOST_ENTRIES;

export const labelRoutes: readonly ApiRoute[] = [
  serve(endpoints.listManifestLabels, async ({ context, actor, repository, path, query }) => {
    const { administration } = context.accounts;
    const manifest = await findByReference(context, repository, path.manifestref);
    await describeOnce(context, repository, manifest);
    const limit = query.limit ?? ALL;
    const found = await listLabels(administration, actor, repository, manifest.digest, {
      prefix: query.filter,
      after: decodeCursor(query.next_page, cursor),
      limit: limit + 1,
    });
    const { entries, ...next } = pageOf(found, limit, ({ key, id }) => ({ key, id }));
    return { labels: entries.map(shown), ...next };
  }),

  serve(endpoints.addManifestLabel, async ({ context, actor, repository, path, body }) => {
    const { digest } = await findByReference(context, repository, path.manifestref);
    const label = await addLabel(context.accounts.administration, actor, repository, digest, {
      key: body.key,
      value: body.value,
      mediaType: body.media_type ?? undefined,
    });
    const at = `/api/v1/repository/${repository.name}/manifest/${digest}/labels/${label.id}`;
    return new Reply({ label: shown(label) }, { headers: { Location: at } });
  }),

  serve(endpoints.getManifestLabel, async ({ context, actor, repository, path }) => {
    const { administration } = context.accounts;
    const { digest } = await findByReference(context, repository, path.manifestref);
    return shown(await getLabel(administration, actor, repository, digest, path.labelid));
  }),

  serve(endpoints.deleteManifestLabel, async ({ context, actor, repository, path }) => {
    const { administration } = context.accounts;
    const { digest } = await findByReference(context, repository, path.manifestref);
    await deleteLabel(administration, actor, repository, digest, path.labelid);
    return undefined;
  }),
];

function shown({ id, key, value, source, mediaType }: Label) {
  return { id, key, value, source_type: source, media_type: mediaType };
}
