import type { Exchange } from "./exchange.ts";
import type { Site } from "./site.ts";

/** The site, loaded when the server answers already: pulls and pushes need not wait for it. */
export class LateSite {
  readonly #open: () => Promise<Site>;
  #site: Promise<Site> | undefined;

  constructor(open: () => Promise<Site>) {
    this.#open = open;
  }

  /** Loads it unless it is there. @throws what opening it throws, each time */
  async load(): Promise<Site> {
    return await (this.#site ??= this.#open());
  }

  async handle(exchange: Exchange): Promise<void> {
    const site = await this.load();
    await site.handle(exchange);
  }
}
