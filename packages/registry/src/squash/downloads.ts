import { createHash } from "node:crypto";
import { dockerArchiveParts, ociArchiveParts, ociImage, ociLayerType } from "@wharf/image";
import type { ArchivePart, Digest, ReadySquash } from "@wharf/image";
import { within } from "../concurrency/within.ts";
import type { RegistryContext } from "../context.ts";
import { parseReference } from "../distribution/reference.ts";
import type { Exchange } from "../http/exchange.ts";
import { RegistryError } from "../http/registry-error.ts";
import { sendContent } from "../http/send-content.ts";
import type { Content } from "../http/send-content.ts";
import { findManifest, findTaggedManifest } from "../repositories/manifest-store.ts";
import { openRepository } from "../repositories/open-repository.ts";
import type { Access } from "../repositories/open-repository.ts";
import type { Repository } from "../repositories/repository.ts";
import { openArchive } from "./archive-content.ts";
import type { Archive } from "./archive-content.ts";
import { comeAgain } from "./come-again.ts";
import { downloadOptions, refuseParameter } from "./download-options.ts";
import type { DownloadOptions } from "./download-options.ts";
import { parseDownloadPath } from "./download-path.ts";
import type { DownloadPath } from "./download-path.ts";
import { keptLayers } from "./kept-layers.ts";
import { plainFile, squashedFile, storedFile } from "./layer-files.ts";
import type { LayerFile } from "./layer-files.ts";
import type { LayerIndexes } from "./layer-indexes.ts";
import { plainArchive } from "./plain-archive.ts";
import { sourceImage } from "./source-image.ts";
import type { SourceImage } from "./source-image.ts";
import type { Encoding, SquashedLayers } from "./squashed-layers.ts";
import { SQUASH_VERSION } from "./squash-version.ts";
import { beginsDownload } from "../usage/count-pull.ts";
import { hostOf } from "./wanted.ts";
import type { Wanted } from "./wanted.ts";

const TAR = "application/x-tar";
const CONTENT_TYPES: Readonly<Record<Encoding, string>> = {
  none: TAR,
  gzip: "application/gzip",
  zstd: "application/zstd",
};
const SUFFIXES: Readonly<Record<Encoding, string>> = { none: "", gzip: ".gz", zstd: ".zst" };

/** Downloads of whole images, everything under `/c1/`: squashed, as they are, or their files. */
export class Downloads {
  readonly #context: RegistryContext;
  readonly #indexes: LayerIndexes;
  readonly #layers: SquashedLayers;

  constructor(context: RegistryContext, indexes: LayerIndexes, layers: SquashedLayers) {
    this.#context = context;
    this.#indexes = indexes;
    this.#layers = layers;
  }

  /** Answers a request, or throws what it is refused with: always before the first byte. */
  async handle(exchange: Exchange): Promise<void> {
    const path = parseDownloadPath(exchange.path);
    exchange.route = path.kind;
    if (exchange.method !== "GET" && !exchange.isHead) {
      throw new RegistryError("UNSUPPORTED", `${exchange.method} is not possible here`, {
        headers: { Allow: "GET, HEAD" },
      });
    }
    const access = await openRepository(this.#context, exchange, "pull", path.repository);
    const { repository } = access;
    const options = downloadOptions(exchange.query);
    const wanted = await Promise.all(path.references.map((text) => this.#find(repository, text)));
    const content = await this.#content(exchange, repository, path, options, wanted);
    try {
      await sendContent(exchange, content);
    } finally {
      if (beginsDownload(exchange)) this.#count(exchange, access, path, wanted);
    }
  }

  /** One that breaks off counts: its client comes back for the rest. */
  #count(
    exchange: Exchange,
    { repository, principal }: Access,
    { kind: verb }: DownloadPath,
    wanted: readonly Wanted[],
  ): void {
    for (const { label, manifest, isTag } of wanted) {
      this.#context.pulls.record({
        kind: "repo_verb",
        repository,
        tag: isTag ? label : undefined,
        digest: manifest.digest,
        principal,
        address: exchange.address,
        userAgent: exchange.header("user-agent")?.slice(0, 500),
        verb,
      });
    }
  }

  async #content(
    exchange: Exchange,
    repository: Repository,
    { kind }: DownloadPath,
    options: DownloadOptions,
    wanted: readonly Wanted[],
  ): Promise<Content> {
    const [first] = wanted;
    if (first === undefined) throw new RegistryError("TAG_INVALID", "no tag is named");
    if (kind === "archive") {
      refuseParameter("from", options.from, "has no meaning for images that are not squashed");
      const archive = await plainArchive(
        this.#context,
        this.#indexes,
        exchange,
        repository,
        options,
        wanted,
      );
      return this.#archived(exchange, repository, archive, wanted);
    }
    const image = await sourceImage(this.#context, repository, first.manifest, options.platform);
    if (kind === "rootfs") {
      refuseParameter("from", options.from, "has no meaning for a root filesystem");
      return await this.#rootfs(exchange, image, options, first);
    }
    const keep = await keptLayers(this.#context, image, options.from);
    return await this.#squashed(exchange, image, keep, options, first);
  }

  async #find(repository: Repository, text: string): Promise<Wanted> {
    const reference = parseReference(text);
    const db = this.#context.database.read;
    const manifest =
      reference.kind === "tag"
        ? await findTaggedManifest(db, repository.id, reference.tag, this.#context.now())
        : await findManifest(db, repository.id, reference.digest);
    if (manifest === undefined) {
      throw new RegistryError(
        "MANIFEST_UNKNOWN",
        `the repository has no such ${reference.kind === "tag" ? "tag" : "manifest"}`,
        { detail: { [reference.kind]: text.slice(0, 300) } },
      );
    }
    const label =
      reference.kind === "tag" ? reference.tag : reference.digest.split(":")[1]?.slice(0, 12);
    return { label: label ?? "", manifest, isTag: reference.kind === "tag" };
  }

  async #squashed(
    exchange: Exchange,
    image: SourceImage,
    keep: number,
    options: DownloadOptions,
    { label }: Wanted,
  ): Promise<Content> {
    const { repository, digest } = image;
    const { compression = "none", format } = options;
    const name = `${hostOf(exchange)}/${repository.name}:${label}.squash`;
    const squash = await this.#layers.plan(image, keep);
    const archive =
      format === "oci"
        ? await this.#ociArchive(image, squash, compression, name)
        : await this.#dockerArchive(image, squash, compression, name);
    return {
      size: archive.size,
      etag: tagOf("squash", digest, keep, compression, format, name),
      headers: headersOf(TAR, digest, fileName(repository, `${label}.squash.tar`)),
      open: () => Promise.resolve(openArchive(archive, exchange.signal)),
    };
  }

  /** Its last part waits until the layer was made: everything before it is sent as it comes. */
  async #dockerArchive(
    image: SourceImage,
    squash: ReadySquash,
    compression: Encoding,
    name: string,
  ): Promise<Archive & { size: number }> {
    const files = await this.#files(image, squash, compression, compression === "none");
    const config = (diffIds: readonly Digest[]): Uint8Array => squash.configFor(diffIds);
    const parts = dockerArchiveParts([{ names: [name], layers: files, config }]);
    return {
      ...parts,
      resolve: async (): Promise<readonly ArchivePart[]> => {
        const diffId = await this.#diffId(image, squash);
        return parts.resolve(parts.layers.map((file) => file.diffId ?? diffId)).parts;
      },
    };
  }

  /** Files are named by their digests, so the layer is made before the first byte. */
  async #ociArchive(
    image: SourceImage,
    squash: ReadySquash,
    compression: Encoding,
    name: string,
  ): Promise<Archive & { size: number }> {
    const diffId = await this.#waitFor(this.#diffId(image, squash));
    const files = await this.#files(image, squash, compression, false, diffId);
    const config = squash.configFor(squash.layers.map((layer) => layer.diffId ?? diffId));
    const { platform, annotations } = image;
    const parts = ociArchiveParts([
      ociImage({ names: [name], platform, annotations, config, layers: files }),
    ]);
    return { ...parts, resolve: () => Promise.resolve(parts.parts) };
  }

  /**
   * The layer files of a squashed image, lowest first.
   *
   * @param isPlain layers that stay are written as plain tars instead of as they are stored
   */
  async #files(
    image: SourceImage,
    squash: ReadySquash,
    compression: Encoding,
    isPlain: boolean,
    diffId?: Digest,
  ): Promise<LayerFile[]> {
    const { store } = this.#context;
    return await Promise.all(
      squash.layers.map(async (layer): Promise<LayerFile> => {
        if (layer.kept === undefined || layer.diffId === undefined) {
          return await this.#squashedFile(image, squash, compression, diffId);
        }
        const stored = image.layers[layer.kept];
        if (stored === undefined) throw new RangeError(`no layer ${layer.kept}`);
        const { size, diffId: its } = layer;
        return isPlain
          ? plainFile(store, stored, { size, diffId: its, mediaType: ociLayerType("none") })
          : storedFile(store, { ...stored, mediaType: ociTypeOf(stored.mediaType) }, its);
      }),
    );
  }

  async #squashedFile(
    image: SourceImage,
    squash: ReadySquash,
    compression: Encoding,
    diffId: Digest | undefined,
  ): Promise<LayerFile> {
    const acquire = (): ReturnType<SquashedLayers["acquire"]> =>
      this.#layers.acquire(image, squash, compression);
    const mediaType = ociLayerType(compression);
    if (compression === "none") {
      const digest = diffId ?? UNKNOWN;
      return squashedFile(acquire, { size: squash.size, diffId, digest, mediaType });
    }
    // How long a compressed layer is shows only when it is complete.
    await using layer = acquire();
    const { size, digest } = await this.#waitFor(layer.made);
    const plain = diffId ?? (await this.#diffId(image, squash));
    return squashedFile(acquire, { size, diffId: plain, digest, mediaType });
  }

  async #diffId(image: SourceImage, squash: ReadySquash): Promise<Digest> {
    if (squash.plan === undefined) return UNKNOWN;
    await using layer = this.#layers.acquire(image, squash, "none");
    return (await layer.made).digest;
  }

  async #rootfs(
    exchange: Exchange,
    image: SourceImage,
    { compression = "none" }: DownloadOptions,
    { label }: Wanted,
  ): Promise<Content> {
    const squash = await this.#layers.plan(image, 0);
    const file = await this.#squashedFile(image, squash, compression, undefined);
    const name = fileName(image.repository, `${label}.rootfs.tar${SUFFIXES[compression]}`);
    return {
      size: file.size,
      etag: tagOf("rootfs", image.digest, compression),
      headers: headersOf(CONTENT_TYPES[compression], image.digest, name),
      open: () => file.open(exchange.signal),
    };
  }

  #archived(
    exchange: Exchange,
    repository: Repository,
    archive: Archive & { size: number; identity: string },
    wanted: readonly Wanted[],
  ): Content {
    const [first] = wanted;
    const label = wanted.length === 1 ? first?.label : `${wanted.length}-images`;
    const digest = wanted.length === 1 ? first?.manifest.digest : undefined;
    return {
      size: archive.size,
      etag: tagOf("archive", archive.identity),
      headers: headersOf(TAR, digest, fileName(repository, `${label}.tar`)),
      open: () => Promise.resolve(openArchive(archive, exchange.signal)),
    };
  }

  async #waitFor<T>(work: Promise<T>): Promise<T> {
    return await within(this.#context.config.squash.waitTimeout, work, comeAgain);
  }
}

/** The type of a stored layer in the words of OCI. */
function ociTypeOf(mediaType: string): string {
  const compression = (["gzip", "zstd"] as const).find((kind) => mediaType.endsWith(kind));
  return ociLayerType(compression ?? "none", mediaType);
}

/** Stands for a digest that nothing is named by. */
const UNKNOWN = "" as Digest;

/** The same for the same bytes, on every replica, and another one for others (RFC 9110, 8.8.3). */
function tagOf(...parts: readonly (string | number)[]): string {
  const identity = JSON.stringify([SQUASH_VERSION, ...parts]);
  return `"${createHash("sha256").update(identity).digest("hex")}"`;
}

function headersOf(
  type: string,
  source: Digest | undefined,
  file: string,
): Readonly<Record<string, string>> {
  return {
    "Content-Type": type,
    ...(source === undefined ? {} : { "Docker-Content-Digest": source }),
    "Content-Disposition": `attachment; filename="${file}"`,
    // A tag may point elsewhere the next time; the entity tag tells.
    "Cache-Control": "private, no-cache",
    "Content-Security-Policy": "default-src 'none'; sandbox",
  };
}

/** Names of repositories and tags have no characters that mean anything in a header or to a shell. */
function fileName({ name }: Repository, rest: string): string {
  return `${name.slice(name.lastIndexOf("/") + 1)}-${rest}`;
}
