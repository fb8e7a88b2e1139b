import type { Digest } from "@wharf/image";
import type { Actor } from "../../accounts/admin/actor.ts";
import { RegistryError } from "../../http/registry-error.ts";
import type { Repository } from "../repository.ts";
import type { LabelAdministration } from "./label-administration.ts";
import { findLabel, findLabels } from "./label-store.ts";
import type { Label } from "./label.ts";

/** One page of the labels of a manifest by key; a manifest has some hundreds at most. */
export interface LabelPage {
  /** Only keys that begin with it. */
  readonly prefix?: string | undefined;
  /** Of the last label of the page before. */
  readonly after?: { readonly key: string; readonly id: string } | undefined;
  readonly limit?: number | undefined;
}

export async function listLabels(
  { database, rights }: LabelAdministration,
  actor: Actor,
  repository: Repository,
  digest: Digest,
  page: LabelPage = {},
): Promise<Label[]> {
  await rights.require(actor, "repository.read", { repository });
  return await findLabels(database.read, { repositoryId: repository.id, digest }, page);
}

/** @throws {RegistryError} NOT_FOUND */
export async function getLabel(
  { database, rights }: LabelAdministration,
  actor: Actor,
  repository: Repository,
  digest: Digest,
  id: string,
): Promise<Label> {
  await rights.require(actor, "repository.read", { repository });
  const manifest = { repositoryId: repository.id, digest };
  const label = isUuid(id) ? await findLabel(database.read, manifest, id) : undefined;
  if (label === undefined) throw unknownLabel(id);
  return label;
}

/** What has another form is no label, whatever the database would say of it. */
export function isUuid(text: string): boolean {
  return /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(text);
}

export function unknownLabel(id: string): RegistryError {
  return new RegistryError("NOT_FOUND", "the manifest has no such label", {
    detail: { field: "labelid", id: id.slice(0, 100) },
  });
}
