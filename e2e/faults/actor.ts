// Long because it is one thing: everything that one client does, and what it knows of it.
import { setTimeout as delay } from "node:timers/promises";

import { ActorClient } from "./actor-client.ts";
import { imageOf, indexOf, randomLayer, type Image, type Layer } from "./content.ts";
import type { History } from "./history.ts";
import type { Member } from "./member.ts";
import { download, pull, pullSquashed } from "./pull.ts";
import { pushImage } from "./push.ts";
import type { Random } from "./random.ts";
import type { Slot, Truth } from "./truth.ts";

/** Everybody pushes to it. */
export const SHARED = "admin/shared";

/** Tags that an actor has in each of its two repositories. */
const TAGS = 3;

/** What all actors share. */
export interface World {
  readonly members: readonly Member[];
  readonly history: History;
  readonly random: Random;
  readonly truth: Truth;
  /** Layers that everybody has. */
  readonly layers: readonly Layer[];
  /** Images that everybody pushes to the own repository. */
  readonly images: readonly Image[];
  /** As {@link Pusher} has it. */
  readonly kept: number;
}

/** Does one thing after the other, with tags that nobody else changes; so it knows what must be there. */
export class Actor implements Disposable {
  readonly repository: string;
  readonly #world: World;
  readonly #client: ActorClient;
  readonly #random: Random;
  readonly #slots: readonly Slot[];

  constructor(name: string, world: World) {
    const random = world.random.fork(name);
    const { members, history, truth } = world;
    this.repository = `admin/${name}`;
    this.#world = world;
    this.#random = random;
    this.#client = new ActorClient(name, { members, history, random });
    this.#slots = [this.repository, SHARED].flatMap((repository) =>
      Array.from({ length: TAGS }, (_, at) => truth.add(repository, `${name}-${at}`)),
    );
  }

  /** The first pushes create the repositories. */
  async begin(): Promise<void> {
    for (const slot of [this.#slots[0], this.#slots[TAGS]]) {
      if (slot !== undefined) await this.#push(slot, this.#newImage());
    }
  }

  async runUntil(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await this.#step();
      await delay(this.#random.below(10));
    }
  }

  async #step(): Promise<void> {
    const random = this.#random;
    const slot = random.pick(this.#slots);
    const others = random.pick(this.#world.truth.slots);
    await random.pick<() => Promise<void>>([
      ...repeated(5, () => this.#push(slot, this.#newImage())),
      ...repeated(3, () => this.#push(slot, this.#knownImage(slot))),
      () => this.#push(slot, this.#newIndex()),
      ...repeated(3, () => this.#pull(slot)),
      () => pull(this.#client, others.repository, others.tag, undefined),
      ...repeated(2, () => this.#download(slot)),
      () => this.#downloadOthers(others),
      ...repeated(2, () => this.#pullSquashed(slot)),
      () => pullSquashed(this.#client, others.repository, others.tag, undefined),
      () => this.#deleteTag(slot),
      () => this.#deleteManifest(slot),
      ...repeated(2, () => this.#deleteBlob(slot.repository)),
    ])();
  }

  async #push(slot: Slot, image: Image): Promise<void> {
    const { repository, tag } = slot;
    const { kept, truth } = this.#world;
    const pusher = {
      client: this.#client,
      random: this.#random,
      sources: truth.repositories,
      kept,
    };
    await pushImage(pusher, repository, image, { tag, isAlone: repository === this.repository });
    slot.image = image;
    this.#note(`acknowledged as ${image.manifest.digest}`, slot, image);
  }

  async #pull({ repository, tag, image }: Slot): Promise<void> {
    if (image === undefined) return await this.#expectAbsent(repository, tag);
    await pull(this.#client, repository, tag, image);
  }

  async #expectAbsent(repository: string, tag: string): Promise<void> {
    const name = `${repository}:${tag}`;
    const path = `/v2/${repository}/manifests/${tag}`;
    const { status } = await this.#client.send("GET", path, {}, name);
    if (status !== 404) throw this.#world.history.fault(`${name} was deleted: ${status}`, name);
  }

  async #download({ repository, tag, image }: Slot): Promise<void> {
    if (image === undefined) return;
    await download(this.#client, repository, tag, { image, archives: this.#world.truth.archives });
  }

  async #downloadOthers({ repository, tag }: Slot): Promise<void> {
    const { archives } = this.#world.truth;
    await download(this.#client, repository, tag, { image: undefined, archives });
  }

  async #pullSquashed({ repository, tag, image }: Slot): Promise<void> {
    if (image !== undefined) await pullSquashed(this.#client, repository, tag, image);
  }

  async #deleteTag(slot: Slot): Promise<void> {
    if (slot.image === undefined) return;
    await this.#delete(`manifests/${slot.tag}`, slot);
    this.#note("deleted", slot, slot.image);
    slot.image = undefined;
  }

  /** All tags of a manifest go with it. */
  async #deleteManifest(slot: Slot): Promise<void> {
    const digest = slot.image?.manifest.digest;
    if (digest === undefined) return;
    await this.#delete(`manifests/${digest}`, slot);
    for (const other of this.#slots) {
      if (other.repository !== slot.repository || other.image?.manifest.digest !== digest) continue;
      this.#note("deleted with its manifest", other, other.image);
      other.image = undefined;
    }
  }

  async #delete(path: string, { repository, tag, image }: Slot): Promise<void> {
    const objects = [`${repository}:${tag}`, image?.manifest.digest ?? ""];
    const answer = await this.#client.send("DELETE", `/v2/${repository}/${path}`, {}, ...objects);
    // The answer to an earlier attempt may have been lost.
    if (answer.status === 202 || (answer.status === 404 && answer.lost > 0)) return;
    throw this.#world.history.fault(`${path} cannot be deleted: ${answer.status}`, ...objects);
  }

  /** A blob that an image needs must not go. */
  async #deleteBlob(repository: string): Promise<void> {
    const { digest } = this.#random.pick(this.#world.layers);
    const path = `/v2/${repository}/blobs/${digest}`;
    const { status } = await this.#client.send("DELETE", path, {}, digest);
    const image = this.#slots.find(
      (slot) =>
        slot.repository === repository &&
        partsOf(slot.image).some(({ blobs }) => blobs.some((blob) => blob.digest === digest)),
    );
    const allowed = image === undefined ? [202, 404, 405] : [405];
    if (allowed.includes(status)) return;
    throw this.#world.history.fault(
      `${digest} is deleted from ${repository}: ${status}, but ${image?.tag} needs it`,
      digest,
    );
  }

  /** One that nobody else has, on layers that everybody has. */
  #newImage(architecture?: string): Image {
    const random = this.#random;
    const base = random.shuffled(this.#world.layers).slice(0, random.between(0, 2));
    const label = `${this.repository} ${random.bytes(8).toString("hex")}`;
    return imageOf([...base, randomLayer(random)], label, architecture);
  }

  #newIndex(): Image {
    return indexOf([this.#newImage("amd64"), this.#newImage("arm64")]);
  }

  /** In the own repository one that others push to theirs at the same time; elsewhere one that had another tag. */
  #knownImage({ repository }: Slot): Image {
    if (repository === this.repository) return this.#random.pick(this.#world.images);
    const { image } = this.#random.pick(this.#slots);
    const isOwn = image !== undefined && !this.#world.images.includes(image);
    return isOwn ? image : this.#newImage();
  }

  #note(what: string, { repository, tag }: Slot, image: Image): void {
    const { history } = this.#world;
    history.note(this.#client.who, what, `${repository}:${tag}`, image.manifest.digest);
  }

  /** Pulls everything that must be there, and looks that nothing else is. */
  async verify(): Promise<void> {
    for (const slot of this.#slots) await this.#pull(slot);
  }

  [Symbol.dispose](): void {
    this.#client[Symbol.dispose]();
  }
}

function partsOf(image: Image | undefined): Image[] {
  return image === undefined ? [] : [image, ...image.children];
}

function repeated<T>(times: number, item: T): T[] {
  return Array.from({ length: times }, () => item);
}
