import { mkdir } from "node:fs/promises";

import { run } from "./command.ts";

/** A mounted file tree. */
export class Mount implements AsyncDisposable {
  readonly path: string;
  readonly #unmount: () => Promise<unknown>;

  constructor(path: string, unmount: () => Promise<unknown>) {
    this.path = path;
    this.#unmount = unmount;
  }

  /**
   * Stacks folders as an engine does, read-only.
   *
   * @param layers the folders, the uppermost first
   * @param path where to mount; made when it is not there
   */
  static async overlay(layers: readonly string[], path: string): Promise<Mount> {
    const [only, ...more] = layers;
    if (only === undefined) throw new Error("an overlay needs a layer");
    await mkdir(path, { recursive: true });
    // Overlay wants two folders at least; a single one is shown as it is.
    const args =
      more.length === 0
        ? ["--bind", "--options", "ro", only, path]
        : ["--types", "overlay", "--options", `ro,lowerdir=${layers.join(":")}`, "overlay", path];
    await run("mount", args);
    return new Mount(path, () => run("umount", [path]));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#unmount();
  }
}
