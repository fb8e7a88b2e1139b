import type { Digest } from "@wharf/image";
import type { Actor } from "../../accounts/admin/actor.ts";
import { recordAudit } from "../../audit/record-audit.ts";
import { RegistryError } from "../../http/registry-error.ts";
import type { Repository } from "../repository.ts";
import { expectUnprotectedTags } from "./expect-unprotected-tags.ts";
import type { LabelAdministration } from "./label-administration.ts";
import { deleteLabels, findLabel } from "./label-store.ts";
import { isUuid, unknownLabel } from "./list-labels.ts";

/**
 * Removes a label that was added by the API. What it has done to tags stays done, as in Quay.
 *
 * @throws {RegistryError} NOT_FOUND, PARAMETER_INVALID for one that was pushed, TAG_IMMUTABLE
 */
export async function deleteLabel(
  { database, rights, now }: LabelAdministration,
  actor: Actor,
  repository: Repository,
  digest: Digest,
  id: string,
): Promise<void> {
  await rights.require(actor, "repository.write", { repository });
  if (!isUuid(id)) throw unknownLabel(id);
  const manifest = { repositoryId: repository.id, digest };
  await database.transaction(async (trx) => {
    const label = await findLabel(trx, manifest, id);
    if (label === undefined) throw unknownLabel(id);
    if (label.source !== "api") {
      throw new RegistryError(
        "PARAMETER_INVALID",
        "the label is part of the image: only those that were added by the API can be removed",
        { detail: { field: "labelid", source_type: label.source } },
      );
    }
    await expectUnprotectedTags(trx, repository, digest);
    if (!(await deleteLabels(trx, manifest, [id]))) throw unknownLabel(id);
    const { key, value } = label;
    const metadata = { id, key, value, manifest_digest: digest };
    await recordAudit(trx, actor, { kind: "manifest_label_delete", repository, metadata }, now());
  });
}
