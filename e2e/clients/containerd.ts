import { mkdir } from "node:fs/promises";

import { ending, run } from "../command.ts";
import type { Engine } from "../engine.ts";
import { Mount } from "../mount.ts";
import { Scratch } from "../scratch.ts";
import { Service } from "../service.ts";

/** A containerd of its own, as its `ctr` command sees it. */
export class Containerd implements AsyncDisposable, Engine {
  static readonly commands = ["containerd", "ctr", "runc"];

  readonly #scratch: Scratch;
  readonly #service: Service;

  private constructor(scratch: Scratch, service: Service) {
    this.#scratch = scratch;
    this.#service = service;
  }

  static async start(): Promise<Containerd> {
    const scratch = await Scratch.create();
    const socket = scratch.at("sock");
    const args = [
      `--root=${scratch.at("root")}`,
      `--state=${scratch.at("state")}`,
      `--address=${socket}`,
    ];
    const service = await Service.start("containerd", [...args, "--log-level=warn"], async () => {
      const { code } = await ending("ctr", ["--address", socket, "version"]);
      return code === 0;
    });
    return new Containerd(scratch, service);
  }

  /** Runs `ctr`. */
  run(...args: readonly string[]): Promise<string> {
    return run("ctr", ["--address", this.#scratch.at("sock"), "--namespace", "e2e", ...args]);
  }

  /** A line of the shell that runs `ctr`. */
  commandLine(...args: readonly string[]): string {
    return ["ctr", "--address", this.#scratch.at("sock"), "--namespace", "e2e", ...args].join(" ");
  }

  /** Pulls from a registry without TLS, for the platform of this machine. */
  pull(image: string, { name, password }: { name: string; password: string }): Promise<string> {
    return this.run("images", "pull", "--plain-http", "--user", `${name}:${password}`, image);
  }

  /** What an image of one platform consists of; layers by their diffIDs, the lowest first. */
  async imageDocuments(
    image: string,
  ): Promise<{ configDigest: string; diffIds: readonly string[] }> {
    const list = await this.run("images", "ls", `name==${image}`);
    const digest = /sha256:[0-9a-f]{64}/.exec(list)?.[0] ?? "";
    // The shapes are those of the image-spec.
    let manifest = JSON.parse(await this.run("content", "get", digest)) as {
      config?: { digest: string };
      manifests?: { digest: string }[];
    };
    const only = manifest.manifests?.[0];
    if (only !== undefined) {
      manifest = JSON.parse(await this.run("content", "get", only.digest)) as typeof manifest;
    }
    const configDigest = manifest.config?.digest ?? "";
    const config = JSON.parse(await this.run("content", "get", configDigest)) as {
      rootfs: { diff_ids: string[] };
    };
    return { configDigest, diffIds: config.rootfs.diff_ids };
  }

  /** Runs a command in a container of an image. */
  runContainer(image: string, ...command: readonly string[]): Promise<string> {
    return this.run("run", "--rm", image, `run-${process.hrtime.bigint()}`, ...command);
  }

  /** Shows an image's tree as a container sees it. */
  async mount(image: string): Promise<Mount> {
    const path = this.#scratch.at("mount");
    await mkdir(path, { recursive: true });
    await this.run("images", "mount", image, path);
    return new Mount(path, () => this.run("images", "unmount", "--rm", path));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#service[Symbol.asyncDispose]();
    await this.#scratch[Symbol.asyncDispose]();
  }
}
