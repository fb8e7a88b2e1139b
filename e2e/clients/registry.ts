import { writeFile } from "node:fs/promises";

import { Scratch } from "../scratch.ts";
import { Service } from "../service.ts";

/** The reference registry (distribution) on a free port of the loopback interface, empty, without TLS. */
export class Registry implements AsyncDisposable {
  static readonly commands = ["docker-registry"];

  /** Host and port, as they stand in an image's name. */
  readonly host: string;
  readonly #scratch: Scratch;
  readonly #service: Service;

  private constructor(host: string, scratch: Scratch, service: Service) {
    this.host = host;
    this.#scratch = scratch;
    this.#service = service;
  }

  /** @param htpasswd users and bcrypt hashes; with it every request needs basic authentication */
  static async start(htpasswd?: string): Promise<Registry> {
    const scratch = await Scratch.create();
    const storage = { filesystem: { rootdirectory: scratch.at("data") } };
    const auth = { htpasswd: { realm: "e2e", path: scratch.at("htpasswd") } };
    const config = {
      version: "0.1",
      storage,
      http: { addr: "127.0.0.1:0" },
      ...(htpasswd === undefined ? {} : { auth }),
    };
    await writeFile(scratch.at("htpasswd"), htpasswd ?? "");
    await writeFile(scratch.at("config.yml"), JSON.stringify(config)); // JSON is YAML
    const address = /listening on (127\.0\.0\.1:\d+)/;
    const service = await Service.start(
      "docker-registry",
      ["serve", scratch.at("config.yml")],
      (log) => address.test(log),
    );
    return new Registry(address.exec(service.log)?.[1] ?? "", scratch, service);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#service[Symbol.asyncDispose]();
    await this.#scratch[Symbol.asyncDispose]();
  }
}
