import { writeFile } from "node:fs/promises";

import { changedLayout } from "../changed-layout.ts";
import { Containerd } from "../clients/containerd.ts";
import { Docker } from "../clients/docker.ts";
import { Podman } from "../clients/podman.ts";
import { WharfServer, type Login } from "../clients/wharf-server.ts";
import { Scratch } from "../scratch.ts";
import type { Backend, BackendKind } from "./backend.ts";

/** The state of {@link changedLayout} that every engine can unpack. */
const APP = "3-delete";

/** What all scenarios of one backend share: a registry, its accounts, and clients that are started when they are needed. */
export class World implements AsyncDisposable {
  readonly server: WharfServer;
  /** Before anything was unpacked, in nanoseconds since 1970. */
  readonly startedAt = BigInt(Date.now()) * 1_000_000n;
  readonly scratch: Scratch;
  /** With the logins of alice; skopeo and buildah share its store. */
  readonly podman: Podman;
  /** Owns the organization `team`. */
  readonly alice: Login = { name: "alice", password: "alice has a secret" };
  /** Has no rights but in the own namespace. */
  readonly bob: Login = { name: "bob", password: "bob has another one" };
  /** Digests of the layers of images that were deleted, by repository: the last scenario collects them. */
  readonly garbageLayers = new Map<string, string>();
  readonly #backend: Backend;
  #resources: AsyncDisposableStack;
  #docker: Promise<Docker> | undefined;
  #containerd: Promise<Containerd> | undefined;

  private constructor(
    resources: AsyncDisposableStack,
    parts: { backend: Backend; server: WharfServer; scratch: Scratch; podman: Podman },
  ) {
    this.#resources = resources;
    this.#backend = parts.backend;
    this.server = parts.server;
    this.scratch = parts.scratch;
    this.podman = parts.podman;
  }

  static async create(kind: BackendKind): Promise<World> {
    await using resources = new AsyncDisposableStack();
    const scratch = resources.use(await Scratch.create());
    const backend = resources.use(await kind.start());
    const server = resources.use(
      await WharfServer.start({
        ...backend.settings,
        collection: { interval: "0", tagExpiration: "0", lease: "1m", orphanAge: "1m" },
      }),
    );
    const podman = resources.use(await Podman.create(server.host));
    const world = new World(resources, { backend, server, scratch, podman });
    await world.#createAccounts();
    world.#resources = resources.move();
    return world;
  }

  async #createAccounts(): Promise<void> {
    for (const { name, password } of [this.alice, this.bob]) {
      const file = this.scratch.at(`${name}.password`);
      await writeFile(file, password);
      await this.server.wharfAdmin("user", "create", name, "--password-file", file);
    }
    await this.server.wharfAdmin("organization", "create", "team", "--owner", "alice");
    await this.podman.login(this.server.host, this.alice);
  }

  /** An image's name in the registry, such as `127.0.0.1:5000/team/app:latest`. */
  image(name: string): string {
    return `${this.server.host}/${name}`;
  }

  /** Runs `skopeo` with the login of alice. */
  skopeo(...args: readonly string[]): Promise<string> {
    return this.podman.skopeo(...args);
  }

  /** Pushes the image with everything in it that a file tree can have, in gzip layers. */
  async pushApp(name: string): Promise<void> {
    const source = `oci:${await changedLayout()}:${APP}`;
    await this.skopeo("copy", "--quiet", source, `docker://${this.image(name)}`);
  }

  docker(): Promise<Docker> {
    this.#docker ??= Docker.start().then((started) => this.#resources.use(started));
    return this.#docker;
  }

  containerd(): Promise<Containerd> {
    this.#containerd ??= Containerd.start().then((started) => this.#resources.use(started));
    return this.#containerd;
  }

  storedBytes(): Promise<number> {
    return this.#backend.storedBytes(this.server);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#resources.disposeAsync();
  }
}
