import { createHash } from "node:crypto";
import { algorithmOf, digestOf } from "@wharf/image";
import type { Digest } from "@wharf/image";
import { withOrigin } from "../accounts/principal.ts";
import type { RegistryContext } from "../context.ts";
import { VersionedCache } from "../database/versioned-cache.ts";
import type { Exchange } from "../http/exchange.ts";
import { readBody } from "../http/read-body.ts";
import { RegistryError } from "../http/registry-error.ts";
import { sendContent } from "../http/send-content.ts";
import { deleteManifest } from "../repositories/delete-manifest.ts";
import { findManifest, findTaggedManifest } from "../repositories/manifest-store.ts";
import type { StoredManifest, TaggedManifest } from "../repositories/manifest-store.ts";
import { putManifest } from "../repositories/put-manifest.ts";
import type { ManifestPush } from "../repositories/put-manifest.ts";
import type { Repository } from "../repositories/repository.ts";
import { unlessGone } from "../repositories/unless-gone.ts";
import { isTagName } from "../repositories/tag-name.ts";
import { findEndOfTag } from "../repositories/tag-store.ts";
import { deleteTag } from "../repositories/tags/delete-tag.ts";
import { authorizePush, openRepository } from "../repositories/open-repository.ts";
import { parseManifestDocument } from "./manifest-document.ts";
import { parseReference } from "./reference.ts";
import type { Reference } from "./reference.ts";
import { countPull } from "../usage/count-pull.ts";
import { referrersIndex } from "./referrers.ts";

/** A manifest that nobody has pushed. */
export interface VirtualManifest extends StoredManifest {
  /** Tag of the image that was squashed; undefined: it was asked for by its digest. */
  readonly sourceTag?: string;
  /** Digest of its manifest. */
  readonly source?: Digest;
}

/** Makes manifests of squashed images. */
export interface VirtualManifests {
  /** `latest.squash`: asked only when no such tag was pushed. */
  findTag(repository: Repository, tag: string): Promise<VirtualManifest | undefined>;
  findManifest(repository: Repository, digest: Digest): Promise<VirtualManifest | undefined>;
  /** Makes a blob of a squashed image one that the repository has. @returns false when it is none of those */
  storeBlob(repository: Repository, digest: Digest, signal: AbortSignal): Promise<boolean>;
}

/** Tags that one PUT may set. */
const MOST_TAGS = 100;

/** GET, HEAD, PUT and DELETE of manifests (distribution-spec, "Pulling manifests", "Pushing Manifests"). */
export class Manifests {
  readonly #context: RegistryContext;
  readonly #virtual: VirtualManifests;
  readonly #cache: VersionedCache<StoredManifest | TaggedManifest>;

  constructor(context: RegistryContext, virtual: VirtualManifests) {
    this.#context = context;
    this.#virtual = virtual;
    this.#cache = new VersionedCache(context.database, 5_000, {
      maxBytes: 64 * 1024 * 1024,
      sizeOf: ({ content }) => content.length,
    });
  }

  async get(exchange: Exchange, name: string, text: string): Promise<void> {
    const { repository, principal } = await openRepository(this.#context, exchange, "pull", name);
    const reference = parseReference(text);
    const manifest: VirtualManifest | undefined =
      (await this.#findStored(repository, text, reference)) ??
      (await this.#findVirtual(repository, reference));
    if (manifest === undefined) throw await this.#unknown(exchange, repository, reference);
    const { content, digest, mediaType } = manifest;
    await sendContent(exchange, {
      size: content.length,
      etag: `"${digest}"`,
      bytes: content,
      headers: { "Content-Type": mediaType, "Docker-Content-Digest": digest },
    });
    const { source, sourceTag } = manifest;
    const tag = sourceTag ?? (reference.kind === "tag" ? reference.tag : undefined);
    const verb = source === undefined ? undefined : "squash";
    countPull(this.#context.pulls, exchange, { repository, principal, tag, digest, source, verb });
  }

  async #findStored(
    repository: Repository,
    text: string,
    reference: Reference,
  ): Promise<StoredManifest | undefined> {
    const found = await this.#cache.find(`${repository.id} ${text}`, () =>
      this.#find(repository, reference),
    );
    if (found === undefined || !("expiresAt" in found) || found.expiresAt === null) return found;
    // Time passes without a commit, so what is kept may have expired.
    return found.expiresAt > this.#context.now() ? found : undefined;
  }

  async #find(
    repository: Repository,
    reference: Reference,
  ): Promise<StoredManifest | TaggedManifest | undefined> {
    const { database, now } = this.#context;
    return reference.kind === "tag"
      ? await findTaggedManifest(database.read, repository.id, reference.tag, now())
      : await findManifest(database.read, repository.id, reference.digest);
  }

  /** Whoever reads the message is told that a tag can be had back. */
  async #unknown(
    { method }: Exchange,
    { id }: Repository,
    reference: Reference,
  ): Promise<RegistryError> {
    if (method === "HEAD" || reference.kind !== "tag") return unknownManifest(reference);
    const { database, config, now } = this.#context;
    const { tag } = reference;
    const last = await findEndOfTag(database.read, id, tag, config.collection.tagExpiration);
    if (typeof last?.end !== "number" || last.end < now() - last.window) {
      return unknownManifest(reference);
    }
    return new RegistryError(
      "MANIFEST_UNKNOWN",
      `Tag ${tag} was deleted or has expired. To pull, revive via time machine`,
      { detail: { tag, ended: new Date(last.end).toISOString() } },
    );
  }

  async #findVirtual(
    repository: Repository,
    reference: Reference,
  ): Promise<VirtualManifest | undefined> {
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
    await this.#context.quotas.expectRoomFor(repository, 0);
    const children = document.children.map((child) => child.digest);
    await this.#store(exchange, repository, {
      manifest: { ...document, digest, content, children },
      blobs: document.blobs,
      tags,
      actor: withOrigin(push.principal, exchange),
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
    const put = (): Promise<void> =>
      unlessGone(repository, () => putManifest(database, repository, push, now()));
    try {
      await put();
    } catch (error) {
      if (!(error instanceof RegistryError) || error.code !== "MANIFEST_BLOB_UNKNOWN") {
        throw asDenial(error);
      }
      const digests = new Set(push.blobs.map(({ digest }) => digest));
      let isAny = false;
      for (const digest of digests) {
        isAny = (await this.#virtual.storeBlob(repository, digest, exchange.signal)) || isAny;
      }
      if (!isAny) throw error;
      await denying(put());
    }
  }

  async delete(exchange: Exchange, name: string, text: string): Promise<void> {
    const { repository, principal } = await openRepository(this.#context, exchange, "delete", name);
    const { database, now } = this.#context;
    const reference = parseReference(text);
    const actor = withOrigin(principal, exchange);
    const isDone = await denying(
      reference.kind === "tag"
        ? deleteTag(database, repository, reference.tag, actor, now())
        : deleteManifest(database, repository, reference.digest, actor, now()),
    );
    if (!isDone) throw unknownManifest(reference);
    exchange.send(
      202,
      reference.kind === "tag" ? {} : { "Docker-Content-Digest": reference.digest },
    );
  }
}

async function denying<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    throw asDenial(error);
  }
}

/**
 * A protected tag is refused with a code that clients know: they print `denied:` with the message, and do not try again
 * as they would after a code they have never heard of.
 */
function asDenial(error: unknown): unknown {
  if (!(error instanceof RegistryError) || error.code !== "TAG_IMMUTABLE") return error;
  const { message, detail } = error;
  const reason = { reason: "TAG_IMMUTABLE" };
  return new RegistryError("DENIED", message, {
    detail: typeof detail === "object" ? { ...detail, ...reason } : reason,
    cause: error,
  });
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
