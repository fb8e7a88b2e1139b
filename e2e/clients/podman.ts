import { mkdir, writeFile } from "node:fs/promises";

import { run, shell } from "../command.ts";
import type { Engine } from "../engine.ts";
import { Mount } from "../mount.ts";
import { Scratch } from "../scratch.ts";
import { answersPing, Service } from "../service.ts";

/** A store of its own for podman, buildah and skopeo. */
export class Podman implements AsyncDisposable, Engine {
  static readonly commands = ["podman"];

  readonly #scratch: Scratch;
  #knowsRegistry = false;

  private constructor(scratch: Scratch) {
    this.#scratch = scratch;
  }

  /** @param insecure host and port of a registry without TLS */
  static async create(insecure?: string): Promise<Podman> {
    const scratch = await Scratch.create();
    await mkdir(scratch.at("home"));
    const podman = new Podman(scratch);
    await writeFile(scratch.at("home", "auth.json"), "{}"); // buildah wants it to be there
    if (insecure !== undefined) {
      const lines = `[[registry]]\nlocation = "${insecure}"\ninsecure = true\n`;
      await writeFile(podman.#registries, lines);
      podman.#knowsRegistry = true;
    }
    return podman;
  }

  /** Logs podman, buildah and skopeo in. */
  login(host: string, { name, password }: { name: string; password: string }): Promise<string> {
    const line = `printf %s "$PASSWORD" | podman login --username "$1" --password-stdin "$2"`;
    return shell(line, [name, host], { env: { ...this.env, PASSWORD: password } });
  }

  /** Runs `podman`. */
  run(...args: readonly string[]): Promise<string> {
    return run("podman", [...this.#podmanFlags(), ...args], { env: this.env });
  }

  /** Runs `buildah`. */
  buildah(...args: readonly string[]): Promise<string> {
    return run("buildah", [...this.#storeFlags(), ...args], { env: this.env });
  }

  /** A line of the shell that runs `podman`. */
  commandLine(...args: readonly string[]): string {
    return ["podman", ...this.#podmanFlags(), ...args].join(" ");
  }

  /** `sha256:…`, the digest of its config. */
  async imageId(image: string): Promise<string> {
    return `sha256:${(await this.run("image", "inspect", "--format={{.Id}}", image)).trim()}`;
  }

  /** Runs a command in a container of an image, without network. */
  runContainer(image: string, ...command: readonly string[]): Promise<string> {
    // podman raises some limits otherwise, which not every machine allows.
    const limits = ["--ulimit=nofile=1024:1024", "--ulimit=nproc=1024:1024"];
    const flags = ["--rm", "--network=none", ...limits];
    return this.run("run", ...flags, image, ...command);
  }

  /** The digests of an image's layers, uncompressed, the lowest first. */
  async layers(image: string): Promise<string[]> {
    const text = await this.run(
      "image",
      "inspect",
      "--format",
      "{{range .RootFS.Layers}}{{.}} {{end}}",
      image,
    );
    return text.trim().split(" ");
  }

  /** Shows an image's tree as a container sees it. */
  async mount(image: string): Promise<Mount> {
    const path = await this.run("image", "mount", image);
    return new Mount(path.trim(), () => this.run("image", "unmount", image));
  }

  /** Serves the Docker API that podman has, until disposed of. */
  async serve(): Promise<Service & { readonly env: Readonly<Record<string, string>> }> {
    const socket = this.#scratch.at("podman.sock");
    const args = [...this.#podmanFlags(), "system", "service", "--time=0", `unix://${socket}`];
    const service = await Service.start("podman", args, () => answersPing(socket), this.env);
    return Object.assign(service, { env: { DOCKER_HOST: `unix://${socket}` } });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#scratch[Symbol.asyncDispose]();
  }

  /** Runs `skopeo`, which knows the logins of `podman login`. */
  skopeo(...args: readonly string[]): Promise<string> {
    const flags = this.#knowsRegistry ? ["--registries-conf", this.#registries] : [];
    return run("skopeo", [...flags, ...args], { env: this.env });
  }

  /** What a command needs to know the logins of this store and nothing else of the machine. */
  get env(): Readonly<Record<string, string>> {
    return {
      HOME: this.#scratch.at("home"),
      REGISTRY_AUTH_FILE: this.#scratch.at("home", "auth.json"),
      ...(this.#knowsRegistry ? { CONTAINERS_REGISTRIES_CONF: this.#registries } : {}),
    };
  }

  get #registries(): string {
    return this.#scratch.at("home", "registries.conf");
  }

  #storeFlags(): string[] {
    return [
      `--root=${this.#scratch.at("store")}`,
      `--runroot=${this.#scratch.at("run")}`,
      "--storage-driver=overlay",
    ];
  }

  #podmanFlags(): string[] {
    const tmp = `--tmpdir=${this.#scratch.at("tmp")}`;
    return [...this.#storeFlags(), tmp, "--cgroup-manager=cgroupfs", "--events-backend=file"];
  }
}
