import type { BackgroundWork } from "./background-work.ts";
import type { RegistryContext } from "./context.ts";
import type { Squash } from "./squash/squash.ts";

/** Background work, loaded when the server answers already: jobs can wait for a moment, pulls and pushes need not. */
export class LateWork implements AsyncDisposable {
  readonly #context: RegistryContext;
  readonly #squash: Squash;
  #work: Promise<BackgroundWork> | undefined;

  constructor(context: RegistryContext, squash: Squash) {
    this.#context = context;
    this.#squash = squash;
  }

  /** To be called once. A failure is in the log: without its jobs a server still serves. */
  start(): void {
    this.#work = this.#load();
    this.#work.catch((error: unknown) => {
      this.#context.log.error("no jobs are run by this server", {
        error: error instanceof Error ? error : String(error),
      });
    });
  }

  async #load(): Promise<BackgroundWork> {
    const { BackgroundWork } = await import("./background-work.ts");
    const work = new BackgroundWork(this.#context, this.#squash);
    work.start();
    return work;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const work = await this.#work?.catch(() => undefined); // it was logged
    await work?.[Symbol.asyncDispose]();
  }
}
