import { RegistryError } from "../http/registry-error.ts";

/**
 * To be called in the transaction that refers to an object for the first time. Objects that no row tells of are
 * collected when they are older than `orphanAge`; one that waited for its row for half as long is not relied on any
 * more (docs/decisions/007-leases-against-collection.md).
 *
 * @param since when the object was about to get its name
 * @throws {RegistryError} UNAVAILABLE: the client sends it once more
 */
export function expectYoungObject(since: number, now: number, orphanAge: number): void {
  if (now - since <= orphanAge / 2) return;
  throw new RegistryError("UNAVAILABLE", "storing the content took too long; send it again", {
    headers: { "Retry-After": "1" },
  });
}
