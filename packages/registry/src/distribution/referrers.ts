import { digestOf } from "@wharf/image";
import type { Digest } from "@wharf/image";
import type { RegistryContext } from "../context.ts";
import type { Exchange } from "../http/exchange.ts";
import { RegistryError } from "../http/registry-error.ts";
import { findReferrers } from "../repositories/manifest-store.ts";
import type { Referrer, StoredManifest } from "../repositories/manifest-store.ts";
import type { Repository } from "../repositories/repository.ts";
import { openRepository } from "../repositories/open-repository.ts";
import { nextLink, pageOf, textParameter } from "./page.ts";
import type { Page } from "./page.ts";
import { digestParameter } from "./reference.ts";

const INDEX = "application/vnd.oci.image.index.v1+json";

/** A page of referrers is an index, which clients read up to 4 MiB of; annotations can be long. */
const MOST_BYTES = 3 * 1024 * 1024;

/** The list of manifests with a subject (distribution-spec, "Listing Referrers"). The subject need not exist. */
export async function listReferrers(
  context: RegistryContext,
  exchange: Exchange,
  name: string,
  text: string,
): Promise<void> {
  const subject = digestParameter(text);
  const repository = await openIfThere(context, exchange, name);
  if (repository === undefined) {
    exchange.sendJson(200, indexOf([]), { "Content-Type": INDEX });
    return;
  }
  const artifactType = textParameter(exchange, "artifactType");
  const { limit, after } = pageOf(exchange, context.config.registry.pageSize);
  const page = { artifactType, after, limit };
  const { manifests, last } = await readPage(context, repository, subject, page);
  const parameters = {
    ...(artifactType === undefined ? {} : { artifactType }),
    ...(exchange.query.has("n") ? { n: limit } : {}),
    ...(last === undefined ? {} : { last }),
  };
  exchange.sendJson(200, indexOf(manifests), {
    "Content-Type": INDEX,
    ...(artifactType === undefined ? {} : { "OCI-Filters-Applied": "artifactType" }),
    ...(last === undefined
      ? {}
      : { Link: nextLink(`/v2/${repository.name}/referrers/${subject}`, parameters) }),
  });
}

/** A list of referrers is never missing (distribution-spec, "Listing Referrers"): 404 would mean that there is no such API. */
async function openIfThere(
  context: RegistryContext,
  exchange: Exchange,
  name: string,
): Promise<Repository | undefined> {
  try {
    return (await openRepository(context, exchange, "pull", name)).repository;
  } catch (error) {
    if (error instanceof RegistryError && error.code === "NAME_UNKNOWN") return undefined;
    throw error;
  }
}

/**
 * The same list under the tag where clients look that do not know the API, when nobody has pushed such a tag
 * (distribution-spec, "Referrers Tag Schema").
 *
 * @returns undefined when there are none
 */
export async function referrersIndex(
  context: RegistryContext,
  repository: Repository,
  subject: Digest,
): Promise<StoredManifest | undefined> {
  const page = {
    artifactType: undefined,
    after: undefined,
    limit: context.config.registry.pageSize,
  };
  const { manifests } = await readPage(context, repository, subject, page);
  if (manifests.length === 0) return undefined;
  const content = Buffer.from(JSON.stringify(indexOf(manifests)), "utf8");
  return { digest: digestOf(content), mediaType: INDEX, kind: "index", content };
}

/** Rows that are read at a time: each may be as long as a manifest. */
const AT_ONCE = 20;

/** As many as fit. `last` is where the next page goes on; undefined: there is none. */
async function readPage(
  { database }: RegistryContext,
  repository: Repository,
  subject: Digest,
  { artifactType, after, limit }: Page & { readonly artifactType: string | undefined },
): Promise<{ manifests: object[]; last: string | undefined }> {
  const manifests: object[] = [];
  if (limit === 0) return { manifests, last: undefined };
  let bytes = 0;
  let last = after;
  for (;;) {
    const page = { artifactType, after: last, limit: AT_ONCE };
    const found = await findReferrers(database.read, repository.id, subject, page);
    for (const referrer of found) {
      bytes += 300 + Buffer.byteLength(referrer.annotations ?? "");
      const isFull = manifests.length >= limit || (bytes > MOST_BYTES && manifests.length > 0);
      if (isFull) return { manifests, last };
      manifests.push(descriptor(referrer));
      last = referrer.digest;
    }
    if (found.length < AT_ONCE) return { manifests, last: undefined };
  }
}

function descriptor({ mediaType, digest, size, artifactType, annotations }: Referrer): object {
  return {
    mediaType,
    digest,
    size,
    ...(artifactType === null ? {} : { artifactType }),
    ...(annotations === null ? {} : { annotations: JSON.parse(annotations) as unknown }),
  };
}

function indexOf(manifests: readonly object[]): object {
  return { schemaVersion: 2, mediaType: INDEX, manifests };
}
