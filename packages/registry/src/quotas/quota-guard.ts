import type { Digest } from "@wharf/image";
import { LRUCache } from "lru-cache";
import type { Transaction } from "kysely";
import { findAccountByName } from "../accounts/account-store.ts";
import type { Database } from "../database/database.ts";
import type { Tables } from "../database/tables.ts";
import { RegistryError } from "../http/registry-error.ts";
import { addJob } from "../jobs/add-job.ts";
import { effectiveQuota, thresholdOf } from "./effective-quota.ts";
import type { QuotaConfig } from "./effective-quota.ts";
import { usageJob } from "./usage-job.ts";
import { addBytes, findUsage, namespaceHasBlob } from "./usage-store.ts";

/** So long it is believed what quota a namespace has, in milliseconds: another process may change it. */
const BELIEVED = 10_000;

/** Namespaces whose quota is kept in memory; about 150 bytes each. */
const KEPT = 10_000;

export interface QuotaGuardOptions {
  readonly database: Database;
  readonly config: QuotaConfig;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

/**
 * Refuses pushes to namespaces whose quota is used up. Where there is no quota, it costs a look into memory; where
 * there is one, what was last measured counts, and what came since.
 */
export class QuotaGuard {
  readonly #options: QuotaGuardOptions;
  /** From how many bytes on a namespace is refused; `Infinity`: never. */
  readonly #limits = new LRUCache<number, { readonly bytes: number; readonly until: number }>({
    max: KEPT,
  });

  constructor(options: QuotaGuardOptions) {
    this.#options = options;
  }

  /**
   * Resolves when the namespace has not reached its limit: something may begin to be pushed.
   *
   * @param place a repository, or the name of a namespace where there is none yet
   * @param digest of the blob that is to come, if it is known: one that the namespace has costs nothing
   * @throws {RegistryError} `DENIED` in Quay's words
   */
  async expectRoom(place: Place | string, digest?: Digest): Promise<void> {
    const repository = typeof place === "string" ? await this.#find(place) : place;
    const limit = repository === undefined ? Infinity : await this.#limitOf(repository.namespaceId);
    if (repository === undefined || limit === Infinity) return;
    const used = await this.#usedBy(repository.namespaceId);
    if (used < limit || (await this.#has(repository, digest))) return;
    throw exceeded(repository, used, limit);
  }

  async #find(namespace: string): Promise<Place | undefined> {
    const account = await findAccountByName(this.#options.database.read, namespace);
    return account && { namespaceId: account.id, namespace };
  }

  /** As {@link expectRoom}, before so many bytes more are kept. */
  async expectRoomFor(repository: Place, bytes: number, digest?: Digest): Promise<void> {
    const limit = await this.#limitOf(repository.namespaceId);
    if (limit === Infinity) return;
    const used = await this.#usedBy(repository.namespaceId);
    if (used + bytes <= limit || (await this.#has(repository, digest))) return;
    throw exceeded(repository, used, limit);
  }

  async #has({ namespaceId }: Place, digest: Digest | undefined): Promise<boolean> {
    if (digest === undefined) return false;
    return await namespaceHasBlob(this.#options.database.read, namespaceId, digest);
  }

  /** Counts a blob that a repository gets, in the transaction that gives it, and before it does. */
  async count(
    trx: Transaction<Tables>,
    { namespaceId }: Place,
    { digest, size: bytes }: { readonly digest: Digest; readonly size: number },
  ): Promise<void> {
    const known = this.#limits.get(namespaceId);
    if (known === undefined || known.bytes === Infinity || bytes === 0) return;
    if (await namespaceHasBlob(trx, namespaceId, digest)) return;
    await addBytes(trx, namespaceId, bytes);
    await addJob(trx, usageJob(namespaceId));
  }

  /** The quota of a namespace has changed. */
  forget(namespaceId: number): void {
    this.#limits.delete(namespaceId);
  }

  async #limitOf(namespaceId: number): Promise<number> {
    const { database, config, now } = this.#options;
    const known = this.#limits.get(namespaceId);
    if (known !== undefined && known.until > now()) return known.bytes;
    const quota = await effectiveQuota(database.read, config, namespaceId);
    const bytes = (quota && thresholdOf(quota, "Reject")) ?? Infinity;
    this.#limits.set(namespaceId, { bytes, until: now() + BELIEVED });
    return bytes;
  }

  async #usedBy(namespaceId: number): Promise<number> {
    const { database } = this.#options;
    const usage = await findUsage(database.read, namespaceId);
    if (usage !== undefined && usage.measuredAt > 0) return usage.bytes + usage.addedBytes;
    // Not measured yet: soon it will be.
    await database.transaction((trx) => addJob(trx, usageJob(namespaceId)));
    return usage?.addedBytes ?? 0;
  }
}

interface Place {
  readonly namespaceId: number;
  readonly namespace: string;
}

function exceeded({ namespace }: Place, used: number, limit: number): RegistryError {
  return new RegistryError("DENIED", "Quota has been exceeded on namespace", {
    detail: { namespace, used, limit },
  });
}
