// Long because it is one thing: what docs/decisions/007-leases-against-collection.md says, as plainly as it can be said.

export interface ModelManifest {
  readonly repository: number;
  readonly digest: string;
  readonly blobs: readonly string[];
  readonly children: readonly string[];
  readonly subject: string | undefined;
  readonly createdAt: number;
  touchedAt: number;
  deletedAt: number | undefined;
}

interface ModelTag {
  readonly repository: number;
  readonly name: string;
  readonly digest: string;
  endedAt: number | undefined;
}

export interface ModelRules {
  readonly lease: number;
  /** By repository. */
  readonly windows: ReadonlyMap<number, number>;
}

/** What is there, and what of it is alive. Knows no SQL, no batches and no order. */
export class ReferenceModel {
  readonly manifests = new Map<string, ModelManifest>();
  /** Leases of the blobs of repositories, by `<repository> <digest>`. */
  readonly links = new Map<string, number>();
  /** Leases of blobs. */
  readonly blobs = new Map<string, number>();
  tags: ModelTag[] = [];
  /** When repositories were deleted that can still be restored, or were not collected yet. */
  readonly deleted = new Map<number, number>();
  readonly #rules: ModelRules;

  constructor(rules: ModelRules) {
    this.#rules = rules;
  }

  pushBlob(repository: number, digest: string, now: number): void {
    this.blobs.set(digest, now);
    this.links.set(`${repository} ${digest}`, now);
  }

  /** @returns whether there is such a blob */
  mount(repository: number, digest: string, now: number): boolean {
    if (!this.blobs.has(digest)) return false;
    this.pushBlob(repository, digest, now);
    return true;
  }

  /** @returns whether the repository has its blobs */
  pushManifest(
    manifest: Pick<ModelManifest, "repository" | "digest" | "blobs" | "children" | "subject">,
    tag: string | undefined,
    now: number,
  ): boolean {
    const { repository, digest, blobs, children, subject } = manifest;
    const links = blobs.map((blob) => `${repository} ${blob}`);
    if (links.some((link) => !this.links.has(link))) return false;
    for (const link of links) {
      const touchedAt = this.links.get(link) ?? now;
      if (touchedAt < now - this.#rules.lease / 2) this.links.set(link, now);
    }
    const createdAt = this.manifests.get(`${repository} ${digest}`)?.createdAt ?? now;
    const fresh = { createdAt, touchedAt: now, deletedAt: undefined };
    this.manifests.set(`${repository} ${digest}`, { ...manifest, ...fresh });
    for (const held of [...children, ...(subject === undefined ? [] : [subject])]) {
      const other = this.manifests.get(`${repository} ${held}`);
      if (other !== undefined) other.touchedAt = now;
    }
    if (tag !== undefined) this.#moveTag(repository, tag, digest, now);
    return true;
  }

  #moveTag(repository: number, name: string, digest: string, now: number): void {
    const open = this.#openTag(repository, name);
    if (open?.digest === digest) return;
    if (open !== undefined) open.endedAt = now;
    this.tags.push({ repository, name, digest, endedAt: undefined });
  }

  #openTag(repository: number, name: string): ModelTag | undefined {
    return this.tags.find(
      (tag) => tag.repository === repository && tag.name === name && tag.endedAt === undefined,
    );
  }

  deleteTag(repository: number, name: string, now: number): void {
    const open = this.#openTag(repository, name);
    if (open !== undefined) open.endedAt = now;
  }

  deleteManifest(repository: number, digest: string, now: number): void {
    const manifest = this.manifests.get(`${repository} ${digest}`);
    if (manifest === undefined || manifest.deletedAt !== undefined) return;
    manifest.deletedAt = now;
    manifest.touchedAt = now;
    for (const tag of this.tags) {
      if (tag.repository === repository && tag.digest === digest) tag.endedAt ??= now;
    }
  }

  /** @param since how far back tags are looked for */
  restoreTag(
    repository: number,
    name: string,
    digest: string,
    since: number,
    now: number,
  ): boolean {
    const isKnown = this.tags.some(
      (tag) =>
        tag.repository === repository &&
        tag.name === name &&
        tag.digest === digest &&
        tag.endedAt !== undefined &&
        tag.endedAt >= since,
    );
    const manifest = this.manifests.get(`${repository} ${digest}`);
    if (!isKnown || manifest === undefined) return false;
    manifest.touchedAt = now;
    manifest.deletedAt = undefined;
    this.#moveTag(repository, name, digest, now);
    return true;
  }

  deleteRepository(repository: number, now: number): void {
    if (!this.deleted.has(repository)) this.deleted.set(repository, now);
  }

  /** @returns whether it was deleted, and not too long ago */
  restoreRepository(repository: number, now: number): boolean {
    return (
      this.deleted.has(repository) &&
      this.isKept(repository, now) &&
      this.deleted.delete(repository)
    );
  }

  /** Must a repository be there? */
  isKept(repository: number, now: number): boolean {
    return (this.deleted.get(repository) ?? now) >= now - this.#window(repository);
  }

  /** A repository is gone, with everything it had. */
  forgetRepository(repository: number): void {
    this.deleted.delete(repository);
    this.tags = this.tags.filter((tag) => tag.repository !== repository);
    for (const kind of [this.manifests, this.links]) {
      for (const key of kind.keys()) if (key.startsWith(`${repository} `)) kind.delete(key);
    }
  }

  /** Everything that must be there. */
  alive(now: number): {
    manifests: Set<string>;
    links: Set<string>;
    blobs: Set<string>;
    tags: Set<string>;
  } {
    const leaseSince = now - this.#rules.lease;
    const tags = this.tags.filter((tag) => this.#isKept(tag, now));
    const manifests = new Set<string>();
    const visit = (key: string): void => {
      const manifest = this.manifests.get(key);
      if (manifest === undefined || manifests.has(key)) return;
      if (!this.isKept(manifest.repository, now)) return;
      manifests.add(key);
      for (const child of manifest.children) visit(`${manifest.repository} ${child}`);
      for (const [other, { repository, subject }] of this.manifests) {
        if (repository === manifest.repository && subject === manifest.digest) visit(other);
      }
    };
    for (const { repository, digest } of tags) visit(`${repository} ${digest}`);
    for (const [key, manifest] of this.manifests) if (this.#isYoung(manifest, now)) visit(key);
    const links = new Set<string>();
    for (const [link, touchedAt] of this.links) {
      const isKept = this.isKept(Number(link.split(" ")[0]), now);
      if (touchedAt >= leaseSince && isKept) links.add(link);
    }
    for (const key of manifests) {
      const { repository, blobs } = this.manifests.get(key) ?? { repository: 0, blobs: [] };
      for (const blob of blobs) links.add(`${repository} ${blob}`);
    }
    const blobs = new Set<string>();
    for (const [digest, touchedAt] of this.blobs) if (touchedAt >= leaseSince) blobs.add(digest);
    for (const link of links) blobs.add(link.split(" ")[1] ?? "");
    return { manifests, links, blobs, tags: new Set(tags.map(tagKey)) };
  }

  #isKept({ repository, endedAt }: ModelTag, now: number): boolean {
    if (!this.isKept(repository, now)) return false;
    return endedAt === undefined || endedAt >= now - this.#window(repository);
  }

  #isYoung({ repository, createdAt, touchedAt, deletedAt }: ModelManifest, now: number): boolean {
    const { lease } = this.#rules;
    if (touchedAt >= now - lease) return true;
    if (deletedAt !== undefined) return deletedAt >= now - lease;
    return Math.max(createdAt, touchedAt) >= now - this.#window(repository);
  }

  #window(repository: number): number {
    return this.#rules.windows.get(repository) ?? 0;
  }

  /** Everything that is there, alive or not. */
  present(): { manifests: string[]; links: string[]; blobs: string[]; tags: string[] } {
    return {
      manifests: [...this.manifests.keys()],
      links: [...this.links.keys()],
      blobs: [...this.blobs.keys()],
      tags: this.tags.map(tagKey),
    };
  }

  forget(kind: "manifests" | "links" | "blobs" | "tags", key: string): void {
    if (kind === "tags") this.tags = this.tags.filter((tag) => tagKey(tag) !== key);
    else this[kind].delete(key);
  }
}

/** Intervals of one tag that ended at the same time and point to the same manifest are as good as one. */
export function tagKey({ repository, name, digest, endedAt }: ModelTag): string {
  return `${repository} ${name} ${digest} ${endedAt ?? "open"}`;
}
