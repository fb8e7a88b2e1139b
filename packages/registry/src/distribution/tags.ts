import type { RegistryContext } from "../context.ts";
import { VersionedCache } from "../database/versioned-cache.ts";
import type { Exchange } from "../http/exchange.ts";
import { findTagNames } from "../repositories/tag-store.ts";
import type { Repository } from "../repositories/repository.ts";
import { openRepository } from "../repositories/open-repository.ts";
import { nextLink, pageOf } from "./page.ts";
import type { Page } from "./page.ts";

interface TagPage {
  readonly body: Buffer;
  readonly last: string | undefined;
}

/** The list of tags (distribution-spec, "Listing Tags"). */
export class Tags {
  readonly #context: RegistryContext;
  readonly #pages: VersionedCache<TagPage>;

  constructor(context: RegistryContext) {
    this.#context = context;
    this.#pages = new VersionedCache(context.database, 1000, {
      maxBytes: 16 * 1024 * 1024,
      sizeOf: ({ body }) => body.length,
    });
  }

  async list(exchange: Exchange, name: string): Promise<void> {
    const { repository } = await openRepository(this.#context, exchange, "pull", name);
    const page = pageOf(exchange, this.#context.config.registry.pageSize);
    const key = `${repository.id} ${page.limit} ${page.after ?? ""}`;
    const found =
      this.#pages.get(key) ?? (await this.#pages.find(key, () => this.#read(repository, page)));
    exchange.send(
      200,
      {
        "Content-Type": "application/json",
        ...(found?.last === undefined
          ? {}
          : {
              Link: nextLink(`/v2/${repository.name}/tags/list`, {
                n: page.limit,
                last: found.last,
              }),
            }),
      },
      found?.body,
    );
  }

  async #read(repository: Repository, page: Page): Promise<TagPage> {
    const names = await findTagNames(
      this.#context.database.read,
      repository.id,
      page.after,
      page.limit + 1,
    );
    const tags = names.slice(0, page.limit);
    return {
      body: Buffer.from(JSON.stringify({ name: repository.name, tags }), "utf8"),
      last: names.length > page.limit ? tags.at(-1) : undefined,
    };
  }
}
