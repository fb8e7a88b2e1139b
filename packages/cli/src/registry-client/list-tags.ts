import { JsonObject } from "@wharf/image";

import type { RegistryClient } from "./registry-client.ts";

const LIST_BYTES = 1 << 20;
const MOST_TAGS = 1000;

/**
 * The first thousand tags of the repository (distribution-spec, "Listing Tags"), once: good for a hint.
 *
 * @throws when there is no list for whatever reason
 */
export async function listTags(client: RegistryClient): Promise<string[]> {
  const response = await client.attempt({
    method: "GET",
    target: `tags/list?n=${MOST_TAGS}`,
    action: "pull",
  });
  return JsonObject.parse(await response.bytes(LIST_BYTES), "the list of tags").strings("tags");
}
