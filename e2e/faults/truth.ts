import type { Image } from "./content.ts";
import type { Archives } from "./pull.ts";

/** A tag that one actor alone pushes, moves and deletes. */
export interface Slot {
  readonly repository: string;
  readonly tag: string;
  /** What it points to, as far as that was acknowledged; undefined: it is not there. */
  image: Image | undefined;
}

/** What was acknowledged, by all actors. */
export class Truth {
  readonly slots: Slot[] = [];
  readonly archives: Archives = new Map();

  add(repository: string, tag: string): Slot {
    const slot: Slot = { repository, tag, image: undefined };
    this.slots.push(slot);
    return slot;
  }

  get repositories(): string[] {
    return [...new Set(this.slots.map(({ repository }) => repository))].toSorted();
  }

  /** The tags of a repository, sorted. */
  tags(repository: string): string[] {
    return this.#taken(repository)
      .map(({ tag }) => tag)
      .toSorted();
  }

  /** All images of a repository, those of indexes included, by their digests. */
  images(repository: string): Map<string, Image> {
    const images = this.#taken(repository).flatMap(({ image }) => [image, ...image.children]);
    return new Map(images.map((image) => [image.manifest.digest, image]));
  }

  #taken(repository: string): (Slot & { image: Image })[] {
    return this.slots.flatMap((slot) =>
      slot.image !== undefined && slot.repository === repository
        ? [{ ...slot, image: slot.image }]
        : [],
    );
  }
}
