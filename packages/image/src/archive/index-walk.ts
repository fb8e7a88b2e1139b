import type { Digest } from "../document/digest.ts";
import { ImageError } from "../image-error.ts";
import { familiarImageName } from "../document/image-name.ts";
import type { Limits } from "../limits.ts";
import { isAttestation, parseManifest, schema1Error } from "../document/manifest.ts";
import type { Descriptor, ImageIndex, ImageManifest } from "../document/manifest.ts";
import { isSchema1Type } from "../document/media-types.ts";
import type { ArchiveFiles } from "./archive-files.ts";
import { readBlob } from "./blob-file.ts";

/** Indexes within indexes; real layouts have one or two. */
const MAX_DEPTH = 8;
/** Descriptors looked at in all indexes together. */
const MAX_DESCRIPTORS = 100_000;

/** A manifest of the layout with the names that lead to it. */
export interface FoundManifest {
  readonly descriptor: Descriptor;
  readonly manifest: ImageManifest;
  readonly names: Set<string>;
}

/** Follows nested indexes to the manifests. Each document is read once, however many names lead to it. */
export class IndexWalk {
  readonly found = new Map<Digest, FoundManifest>();
  readonly refused: ImageError[] = [];
  readonly #files: ArchiveFiles;
  readonly #limits: Limits;
  readonly #documents = new Map<Digest, ImageManifest | ImageIndex | undefined>();
  #visited = 0;

  constructor(files: ArchiveFiles, limits: Limits) {
    this.#files = files;
    this.#limits = limits;
  }

  /** Only descriptors in `index.json` carry names (image-spec `annotations.md`, `ref.name`). */
  async visitAll(index: ImageIndex): Promise<void> {
    const byDigest = new Map<Digest, { descriptor: Descriptor; names: Set<string> }>();
    for (const descriptor of index.manifests) {
      const entry = byDigest.get(descriptor.digest) ?? { descriptor, names: new Set() };
      const name = nameOf(descriptor);
      if (name !== undefined) entry.names.add(name);
      byDigest.set(descriptor.digest, entry);
    }
    for (const { descriptor, names } of byDigest.values()) await this.#visit(descriptor, names, []);
  }

  async #visit(
    descriptor: Descriptor,
    names: ReadonlySet<string>,
    above: readonly Digest[],
  ): Promise<void> {
    if (++this.#visited > MAX_DESCRIPTORS) {
      throw new ImageError(
        "limit",
        `the indexes of the layout list more than ${MAX_DESCRIPTORS} manifests`,
      );
    }
    if (isAttestation(descriptor)) return;
    if (above.length >= MAX_DEPTH) {
      throw new ImageError(
        "limit",
        `indexes of the layout are nested deeper than ${MAX_DEPTH} levels`,
      );
    }
    const document = await this.#document(descriptor);
    if (document?.kind === "manifest") {
      const found = this.found.get(descriptor.digest) ?? {
        descriptor,
        manifest: document,
        names: new Set(),
      };
      for (const name of names) found.names.add(name);
      this.found.set(descriptor.digest, found);
    }
    if (document?.kind !== "index") return;
    for (const child of document.manifests) {
      await this.#visit(child, names, [...above, descriptor.digest]);
    }
  }

  /** Saved for some platforms only, an index lists manifests that are not there: `undefined`. */
  async #document(descriptor: Descriptor): Promise<ImageManifest | ImageIndex | undefined> {
    const { digest } = descriptor;
    if (this.#documents.has(digest)) return this.#documents.get(digest);
    const document = await this.#readDocument(descriptor);
    this.#documents.set(digest, document);
    return document;
  }

  async #readDocument(descriptor: Descriptor): Promise<ImageManifest | ImageIndex | undefined> {
    const what = `manifest ${descriptor.digest}`;
    if (isSchema1Type(descriptor.mediaType)) {
      this.refused.push(schema1Error(what));
      return undefined;
    }
    const bytes = await readBlob(this.#files, descriptor, what, this.#limits);
    if (bytes === undefined) {
      this.refused.push(new ImageError("damaged", `${what} is missing from ${this.#files.what}`));
      return undefined;
    }
    try {
      return parseManifest(bytes, what, this.#limits);
    } catch (error) {
      if (!(error instanceof ImageError) || error.code !== "unsupported") throw error;
      this.refused.push(error);
      return undefined;
    }
  }
}

/** containerd, BuildKit and Docker put the whole name beside the tag. */
function nameOf({ annotations }: Descriptor): string | undefined {
  const name =
    annotations?.["io.containerd.image.name"] ?? annotations?.["org.opencontainers.image.ref.name"];
  return name === undefined || name === "" ? undefined : familiarImageName(name);
}
