import type { Digest } from "@wharf/image";
import type { Actor } from "../../accounts/admin/actor.ts";
import { recordAudit } from "../../audit/record-audit.ts";
import { RegistryError } from "../../http/registry-error.ts";
import { applyLabels } from "../manifests/apply-labels.ts";
import { lockManifest } from "../manifests/description-store.ts";
import type { Repository } from "../repository.ts";
import { EXPIRES_AFTER, IMMUTABLE, parseExpiresAfter } from "../tags/tag-marks.ts";
import { expectUnprotectedTags } from "./expect-unprotected-tags.ts";
import type { LabelAdministration } from "./label-administration.ts";
import { isLabelKey, LABEL_KEY, reservedPrefix } from "./label-key.ts";
import { countLabels, insertLabels } from "./label-store.ts";
import { labelMediaType } from "./label.ts";
import type { Label } from "./label.ts";

/** Labels that a manifest can be given by the API. */
const MOST_LABELS = 200;

export interface AddedLabel {
  readonly key: string;
  readonly value: string;
  /** Undefined: as the value looks. */
  readonly mediaType: "text/plain" | "application/json" | undefined;
}

/**
 * Gives a manifest a label, and its tags what the label says of them. A key may be there several times, as in Quay.
 *
 * @throws {RegistryError} PARAMETER_INVALID naming the field, CONFLICT for one too many, MANIFEST_UNKNOWN,
 *   TAG_IMMUTABLE when a tag that points to the manifest is protected
 */
export async function addLabel(
  { database, rights, now }: LabelAdministration,
  actor: Actor,
  repository: Repository,
  digest: Digest,
  { key, value, mediaType = labelMediaType(value) }: AddedLabel,
): Promise<Label> {
  await rights.require(actor, "repository.write", { repository });
  checkLabel({ key, value, mediaType });
  const manifest = { repositoryId: repository.id, digest };
  return await database.transaction(async (trx) => {
    if (!(await lockManifest(trx, database.dialect, repository.id, digest))) {
      throw new RegistryError("MANIFEST_UNKNOWN", `${repository.name} has no manifest ${digest}`);
    }
    const tags = await expectUnprotectedTags(trx, repository, digest);
    if ((await countLabels(trx, manifest, "api")) >= MOST_LABELS) {
      throw new RegistryError("CONFLICT", `a manifest can be given ${MOST_LABELS} labels`);
    }
    const label = { key, value, mediaType, source: "api" } as const;
    const [added] = await insertLabels(trx, manifest, [label], now());
    if (added === undefined) throw new Error("the label was not added");
    // Named, so that they expire from now on: counted from their beginning many would be gone at once.
    await applyLabels(trx, repository, { digest, labels: [label], tags, actor }, now());
    const metadata = { id: added.id, key, value, manifest_digest: digest, media_type: mediaType };
    await recordAudit(trx, actor, { kind: "manifest_label_add", repository, metadata }, now());
    return added;
  });
}

function checkLabel({ key, value, mediaType }: AddedLabel): void {
  const actsOnTags = key === EXPIRES_AFTER || key === IMMUTABLE;
  const prefix = actsOnTags ? undefined : reservedPrefix(key);
  if (prefix !== undefined) {
    throw invalid("key", `keys that begin with ${prefix} are reserved for what images say`);
  }
  if (!isLabelKey(key)) {
    throw invalid("key", `a key has at most 255 characters and the form ${LABEL_KEY.source}`);
  }
  if (key === EXPIRES_AFTER && parseExpiresAfter(value) === undefined) {
    throw invalid("value", "it must be a time such as 12h, 3d or 2w");
  }
  if (key === IMMUTABLE && value !== "true" && value !== "false") {
    throw invalid("value", "it must be true or false");
  }
  if (mediaType === "application/json" && !isJson(value)) {
    throw invalid("value", "it is no JSON, as media_type says");
  }
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

function invalid(field: string, message: string): RegistryError {
  return new RegistryError("PARAMETER_INVALID", `${field}: ${message}`, { detail: { field } });
}
