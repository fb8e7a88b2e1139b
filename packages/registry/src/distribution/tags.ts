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
  /** When the first of its tags expires, in milliseconds since 1970. */
  readonly until: number;
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
    const kept =
      this.#pages.get(key) ?? (await this.#pages.find(key, () => this.#read(repository, page)));
    // Time passes without a commit, so a tag of what is kept may have expired.
    const isCurrent = kept !== undefined && kept.until > this.#context.now();
    const found = isCurrent ? kept : await this.#read(repository, page);
    exchange.send(
      200,
      {
        "Content-Type": "application/json",
        ...(found.last === undefined
          ? {}
          : {
              Link: nextLink(`/v2/${repository.name}/tags/list`, {
                n: page.limit,
                last: found.last,
              }),
            }),
      },
      found.body,
    );
  }

  async #read(repository: Repository, page: Page): Promise<TagPage> {
    const { database, now } = this.#context;
    const rows = await findTagNames(
      database.read,
      repository.id,
      page.after,
      page.limit + 1,
      now(),
    );
    const tags = rows.slice(0, page.limit).map(({ name }) => name);
    return {
      body: Buffer.from(JSON.stringify({ name: repository.name, tags }), "utf8"),
      last: rows.length > page.limit ? tags.at(-1) : undefined,
      until: Math.min(...rows.map(({ expiresAt }) => expiresAt ?? Infinity)),
    };
  }
}
