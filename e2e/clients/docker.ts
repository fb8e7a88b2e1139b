import { mkdir } from "node:fs/promises";

import { run, shell } from "../command.ts";
import type { Engine } from "../engine.ts";
import { Mount } from "../mount.ts";
import { Scratch } from "../scratch.ts";
import { answersPing, Service } from "../service.ts";

/** A Docker daemon of its own, with nothing in it and no network. */
export class Docker implements AsyncDisposable, Engine {
  static readonly commands = ["docker", "dockerd"];

  readonly #scratch: Scratch;
  readonly #service: Service;

  private constructor(scratch: Scratch, service: Service) {
    this.#scratch = scratch;
    this.#service = service;
  }

  static async start(): Promise<Docker> {
    const scratch = await Scratch.create();
    await mkdir(scratch.at("home"));
    const socket = scratch.at("docker.sock");
    const args = [
      `--data-root=${scratch.at("data")}`,
      `--exec-root=${scratch.at("exec")}`,
      `--pidfile=${scratch.at("pid")}`,
      `--host=unix://${socket}`,
      "--storage-driver=overlay2",
      "--iptables=false",
      "--ip6tables=false",
      "--bridge=none",
    ];
    const service = await Service.start("dockerd", args, () => answersPing(socket));
    return new Docker(scratch, service);
  }

  /** What a command needs to find this daemon and nothing else of the machine. */
  get env(): Readonly<Record<string, string>> {
    return {
      DOCKER_HOST: `unix://${this.#scratch.at("docker.sock")}`,
      DOCKER_CONFIG: this.#scratch.at("home"),
      DOCKER_BUILDKIT: "0", // its parts are not in every distribution's package
    };
  }

  /** Runs the `docker` command. */
  run(...args: readonly string[]): Promise<string> {
    return run("docker", args, { env: this.env });
  }

  /** The password goes another way than the command line. */
  login(host: string, { name, password }: { name: string; password: string }): Promise<string> {
    const line = `printf %s "$PASSWORD" | docker login --username "$1" --password-stdin "$2"`;
    return shell(line, [name, host], { env: { ...this.env, PASSWORD: password } });
  }

  /** `sha256:…`, the digest of its config. */
  async imageId(image: string): Promise<string> {
    return (await this.run("image", "inspect", "--format", "{{.Id}}", image)).trim();
  }

  /** The digests of an image's layers, uncompressed, the lowest first. */
  async layers(image: string): Promise<string[]> {
    const text = await this.run(
      "image",
      "inspect",
      "--format",
      '{{join .RootFS.Layers " "}}',
      image,
    );
    return text.trim().split(" ");
  }

  /** Shows an image's tree as a container sees it, without the mounts and files that Docker adds to a container. */
  async mount(image: string): Promise<Mount> {
    const format = '{{.GraphDriver.Data.UpperDir}}:{{index .GraphDriver.Data "LowerDir"}}';
    const layers = (await this.run("image", "inspect", "--format", format, image)).trim();
    const folders = layers.split(":").filter((folder) => folder !== "" && folder !== "<no value>");
    return await Mount.overlay(folders, this.#scratch.at("mount"));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#service[Symbol.asyncDispose]();
    await this.#scratch[Symbol.asyncDispose]();
  }
}
