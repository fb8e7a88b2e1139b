import { createHash } from "node:crypto";
import { algorithmOf, digestOf } from "@wharf/image";
import type { Digest } from "@wharf/image";
import { principalName } from "../accounts/principal.ts";
import type { RegistryContext } from "../context.ts";
import { VersionedCache } from "../database/versioned-cache.ts";
import type { Exchange } from "../http/exchange.ts";
import { readBody } from "../http/read-body.ts";
import { RegistryError } from "../http/registry-error.ts";
import { sendContent } from "../http/send-content.ts";
import { deleteManifest, deleteTag } from "../repositories/delete-manifest.ts";
import { findManifest, findTaggedManifest } from "../repositories/manifest-store.ts";
import type { StoredManifest } from "../repositories/manifest-store.ts";
import { putManifest } from "../repositories/put-manifest.ts";
import type { ManifestPush } from "../repositories/put-manifest.ts";
import type { Repository } from "../repositories/repository.ts";
import { isTagName } from "../repositories/tag-name.ts";
import { authorizePush, openRepository } from "../repositories/open-repository.ts";
import { parseManifestDocument } from "./manifest-document.ts";
import { parseReference } from "./reference.ts";
import type { Reference } from "./reference.ts";
import { referrersIndex } from "./referrers.ts";

/** Makes manifests of squashed images. */
export interface VirtualManifests {
  /** `latest.squash`: asked only when no such tag was pushed. */
  findTag(repository: Repository, tag: string): Promise<StoredManifest | undefined>;
  findManifest(repository: Repository, digest: Digest): Promise<StoredManifest | undefined>;
  /** Makes a blob of a squashed image one that the repository has. @returns false when it is none of those */
  storeBlob(repository: Repository, digest: Digest, signal: AbortSignal): Promise<boolean>;
}

/** Tags that one PUT may set. */
const MOST_TAGS = 100;

/** GET, HEAD, PUT and DELETE of manifests (distribution-spec, "Pulling manifests", "Pushing Manifests"). */
export class Manifests {
  readonly #context: RegistryContext;
  readonly #virtual: VirtualManifests;
  readonly #cache: VersionedCache<StoredManifest>;

  constructor(context: RegistryContext, virtual: VirtualManifests) {
    this.#context = context;
    this.#virtual = virtual;
    this.#cache = new VersionedCache(context.database, 5_000, {
      maxBytes: 64 * 1024 * 1024,
      sizeOf: ({ content }) => content.length,
    });
  }

  async get(exchange: Exchange, name: string, text: string): Promise<void> {
    const { repository } = await openRepository(this.#context, exchange, "pull", name);
    const reference = parseReference(text);
    const manifest =
      (await this.#cache.find(`${repository.id} ${text}`, () =>
        this.#find(repository, reference),
      )) ?? (await this.#findVirtual(repository, reference));
    if (manifest === undefined) throw unknownManifest(reference);
    const { content, digest, mediaType } = manifest;
    await sendContent(exchange, {
      size: content.length,
      etag: `"${digest}"`,
      bytes: content,
      headers: { "Content-Type": mediaType, "Docker-Content-Digest": digest },
    });
  }

  async #find(repository: Repository, reference: Reference): Promise<StoredManifest | undefined> {
    const db = this.#context.database.read;
    return reference.kind === "tag"
      ? await findTaggedManifest(db, repository.id, reference.tag)
      : await findManifest(db, repository.id, reference.digest);
  }

  async #findVirtual(
    repository: Repository,
    reference: Reference,
  ): Promise<StoredManifest | undefined> {
    if (reference.kind === "digest") {
      return await this.#virtual.findManifest(repository, reference.digest);
    }
    const fallback = referrersTag(reference.tag);
    if (fallback !== undefined) return await referrersIndex(this.#context, repository, fallback);
    return await this.#virtual.findTag(repository, reference.tag);
  }

  async put(exchange: Exchange, name: string, text: string): Promise<void> {
    const push = await authorizePush(this.#context, exchange, name);
    const { config } = this.#context;
    const reference = parseReference(text);
    const tags = reference.kind === "tag" ? [reference.tag] : tagParameters(exchange);
    const content = await readBody(
      exchange,
      config.registry.manifestBytes,
      "MANIFEST_INVALID",
      "the manifest",
    );
    const digest = contentDigest(content, reference);
    const document = parseManifestDocument(content, exchange.header("content-type"));
    const repository = await push.create();
    const children = document.children.map((child) => child.digest);
    await this.#store(exchange, repository, {
      manifest: { ...document, digest, content, children },
      blobs: document.blobs,
      tags,
      by: principalName(push.principal),
      lease: config.collection.lease,
    });
    exchange.send(201, {
      Location: `/v2/${repository.name}/manifests/${digest}`,
      "Docker-Content-Digest": digest,
      ...(document.subject === undefined ? {} : { "OCI-Subject": document.subject }),
      ...(reference.kind === "digest" && tags.length > 0 ? { "OCI-Tag": tags.join(", ") } : {}),
    });
  }

  /** Blobs that exist only as long as they are asked for are stored when a manifest is pushed that needs them. */
  async #store(exchange: Exchange, repository: Repository, push: ManifestPush): Promise<void> {
    const { database, now } = this.#context;
    try {
      await putManifest(database, repository, push, now());
    } catch (error) {
      if (!(error instanceof RegistryError) || error.code !== "MANIFEST_BLOB_UNKNOWN") throw error;
      const digests = new Set(push.blobs.map(({ digest }) => digest));
      let isAny = false;
      for (const digest of digests) {
        isAny = (await this.#virtual.storeBlob(repository, digest, exchange.signal)) || isAny;
      }
      if (!isAny) throw error;
      await putManifest(database, repository, push, now());
    }
  }

  async delete(exchange: Exchange, name: string, text: string): Promise<void> {
    const { repository, principal } = await openRepository(this.#context, exchange, "delete", name);
    const { database, now } = this.#context;
    const reference = parseReference(text);
    const by = principalName(principal);
    const isDone =
      reference.kind === "tag"
        ? await deleteTag(database, repository, reference.tag, by, now())
        : await deleteManifest(database, repository, reference.digest, by, now());
    if (!isDone) throw unknownManifest(reference);
    exchange.send(
      202,
      reference.kind === "tag" ? {} : { "Docker-Content-Digest": reference.digest },
    );
  }
}

/** `?tag=` of a PUT by digest (distribution-spec, "Pushing Manifests"), several allowed. */
function tagParameters(exchange: Exchange): string[] {
  const tags = [...new Set(exchange.query.getAll("tag"))];
  if (tags.length > MOST_TAGS) {
    throw new RegistryError("PARAMETER_INVALID", `at most ${MOST_TAGS} tags can be set at once`, {
      status: 413,
      detail: { parameter: "tag", limit: MOST_TAGS },
    });
  }
  const wrong = tags.find((tag) => !isTagName(tag));
  if (wrong !== undefined) {
    throw new RegistryError("TAG_INVALID", "the parameter tag is no tag", {
      detail: { tag: wrong.slice(0, 300) },
    });
  }
  return tags;
}

function contentDigest(content: Uint8Array, reference: Reference): Digest {
  if (reference.kind === "tag") return digestOf(content);
  const algorithm = algorithmOf(reference.digest);
  const hex = createHash(algorithm).update(content).digest("hex");
  const actual = `${algorithm}:${hex}`;
  if (actual !== reference.digest) {
    throw new RegistryError(
      "DIGEST_INVALID",
      "the manifest has another digest than the path says",
      {
        detail: { expected: reference.digest, actual },
      },
    );
  }
  return reference.digest;
}

/** The tag under which clients look for referrers of registries that have no such API (distribution-spec, "Referrers Tag Schema"). */
function referrersTag(tag: string): Digest | undefined {
  const match = /^(?:(sha256)-([0-9a-f]{64})|(sha512)-([0-9a-f]{128}))$/.exec(tag);
  if (match === null) return undefined;
  const [, sha256, short, sha512, long] = match;
  return `${sha256 ?? sha512}:${short ?? long}` as Digest; // of the form just checked
}

function unknownManifest(reference: Reference): RegistryError {
  return new RegistryError(
    "MANIFEST_UNKNOWN",
    `the repository has no such ${reference.kind === "tag" ? "tag" : "manifest"}`,
    { detail: reference.kind === "tag" ? { tag: reference.tag } : { digest: reference.digest } },
  );
}
