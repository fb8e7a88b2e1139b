import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { ending, run } from "./command.ts";

/** A temporary folder that may hold mounts; both go at the end. */
export class Scratch implements AsyncDisposable {
  readonly path: string;

  private constructor(path: string) {
    this.path = path;
  }

  /** The path is short: a unix socket's has at most 107 bytes. */
  static async create(): Promise<Scratch> {
    return new Scratch(await mkdtemp(join(tmpdir(), "wharf-e2e-")));
  }

  /** The path of a name in the folder. */
  at(...names: readonly string[]): string {
    return join(this.path, ...names);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const mount of await this.#mounts()) await ending("umount", ["--lazy", mount]);
    await run("rm", ["-rf", "--one-file-system", this.path]);
  }

  /** Mount points in the folder, the innermost first. */
  async #mounts(): Promise<string[]> {
    const table = await run("findmnt", ["--list", "--noheadings", "--output", "TARGET"]);
    return table
      .split("\n")
      .filter((target) => target.startsWith(`${this.path}/`))
      .toReversed();
  }
}
