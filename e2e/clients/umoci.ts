import { rm } from "node:fs/promises";

import { run } from "../command.ts";
import type { Engine } from "../engine.ts";
import { Mount } from "../mount.ts";
import { Scratch } from "../scratch.ts";

/** umoci, which unpacks one layer over the other into a plain folder. An image is named `FOLDER:TAG`. */
export class Umoci implements AsyncDisposable, Engine {
  static readonly commands = ["umoci"];

  readonly #scratch: Scratch;

  private constructor(scratch: Scratch) {
    this.#scratch = scratch;
  }

  static async create(): Promise<Umoci> {
    return new Umoci(await Scratch.create());
  }

  async mount(image: string): Promise<Mount> {
    const bundle = this.#scratch.at("bundle");
    await run("umoci", ["unpack", "--image", image, bundle]);
    return new Mount(`${bundle}/rootfs`, () => rm(bundle, { recursive: true }));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#scratch[Symbol.asyncDispose]();
  }
}
