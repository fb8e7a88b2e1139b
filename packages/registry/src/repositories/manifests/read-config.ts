import type { Digest } from "@wharf/image";
import type { RegistryContext } from "../../context.ts";
import { StorageError } from "../../storage/blob-store.ts";
import { readObject } from "../../storage/read-object.ts";
import { findRepositoryBlob } from "../repository-blob-store.ts";
import { CONFIG_BYTES, configFacts } from "./config-facts.ts";
import type { ConfigFacts } from "./config-facts.ts";

/**
 * Reads the config blob of an image.
 *
 * @returns undefined when it is not there, too long, or not understood
 * @throws {StorageError} `unavailable`
 */
export async function readConfig(
  { database, store }: Pick<RegistryContext, "database" | "store">,
  repositoryId: number,
  digest: Digest,
): Promise<ConfigFacts | undefined> {
  const blob = await findRepositoryBlob(database.read, repositoryId, digest);
  if (blob === undefined || blob.size > CONFIG_BYTES) return undefined;
  try {
    return configFacts(await readObject(store, blob.key));
  } catch (error) {
    // Collected since we looked.
    if (error instanceof StorageError && error.code === "not-found") return undefined;
    throw error;
  }
}
