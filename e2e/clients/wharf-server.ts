import { writeFile } from "node:fs/promises";

import { Scratch } from "../scratch.ts";
import { Service } from "../service.ts";
import { wharf, WHARF } from "../wharf.ts";

/** Keys of the configuration, as they stand in the YAML file. */
export type Settings = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

/** A name and a password or token. */
export interface Login {
  readonly name: string;
  readonly password: string;
}

/** `wharf serve` on a free port of the loopback interface, with an empty data folder. It keeps its port when it starts again. */
export class WharfServer implements AsyncDisposable {
  readonly admin: Login = { name: "admin", password: "correct horse battery" };
  /** `127.0.0.1:PORT`, as it stands in an image's name. */
  readonly host: string;
  readonly #scheme: "http" | "https";
  readonly #scratch: Scratch;
  #service: Service;

  private constructor(url: URL, scratch: Scratch, service: Service) {
    this.host = url.host;
    this.#scheme = url.protocol === "https:" ? "https" : "http";
    this.#scratch = scratch;
    this.#service = service;
  }

  static async start(settings: Settings): Promise<WharfServer> {
    await using resources = new AsyncDisposableStack();
    const scratch = resources.use(await Scratch.create());
    await writeConfig(scratch, settings, "0");
    const service = resources.use(await serve(scratch));
    const address = /"url":"([^"]+)"/.exec(service.log)?.[1];
    if (address === undefined) throw new Error(`the server tells no address:\n${service.log}`);
    const url = new URL(address);
    await writeConfig(scratch, settings, url.port);
    resources.move();
    return new WharfServer(url, scratch, service);
  }

  /** Without a path. */
  get url(): string {
    return `${this.#scheme}://${this.host}`;
  }

  /** The URL with a login in it, as people paste it. */
  urlFor({ name, password }: Login): string {
    return `${this.#scheme}://${encodeURIComponent(name)}:${encodeURIComponent(password)}@${this.host}`;
  }

  get dataFolder(): string {
    return this.#scratch.at("data");
  }

  get configFile(): string {
    return this.#scratch.at("wharf.yaml");
  }

  /** What it wrote last, since it was started last. */
  get log(): string {
    return this.#service.log;
  }

  /** Runs `wharf admin` on the server's data. */
  wharfAdmin(...args: readonly string[]): Promise<string> {
    return wharf(["admin", ...args, "--config", this.#scratch.at("wharf.yaml")]);
  }

  /** The same with `--json`. The caller knows the shape. */
  async wharfAdminJson<T>(...args: readonly string[]): Promise<T> {
    return JSON.parse(await this.wharfAdmin(...args, "--json")) as T;
  }

  /** @throws with its log when it has ended though nobody wanted that */
  assertRunning(): void {
    this.#service.assertRunning();
  }

  /** @returns its exit code; null when the signal ended it */
  async end(signal: NodeJS.Signals): Promise<number | null> {
    return await this.#service.end(signal);
  }

  signal(signal: NodeJS.Signals): void {
    this.#service.signal(signal);
  }

  /** Starts it again after its end, with the same data, at the same address. */
  async startAgain(): Promise<void> {
    this.#service = await serve(this.#scratch);
  }

  /** Starts it again and kills it after some milliseconds, whether it answers by then or not. */
  async startAndKill(milliseconds: number): Promise<void> {
    const end = performance.now() + milliseconds;
    this.#service = await serve(this.#scratch, () => performance.now() >= end);
    await this.#service.end("SIGKILL");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#service[Symbol.asyncDispose]();
    await this.#scratch[Symbol.asyncDispose]();
  }
}

/** JSON is YAML. */
async function writeConfig(scratch: Scratch, settings: Settings, port: string): Promise<void> {
  const server = { ...settings["server"], port };
  const config = { data: scratch.at("data"), ...settings, server };
  await writeFile(scratch.at("wharf.yaml"), JSON.stringify(config, undefined, 2));
}

function serve(scratch: Scratch, isReady = isListening): Promise<Service> {
  // This Node and no process between, so that a signal meets the server itself.
  return Service.start(
    process.execPath,
    [WHARF, "serve", "--config", scratch.at("wharf.yaml")],
    isReady,
    { WHARF_ACCOUNTS_ADMIN_PASSWORD: "correct horse battery" },
  );
}

function isListening(log: string): boolean {
  return log.includes('"msg":"listening"');
}
