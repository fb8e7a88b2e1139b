import type { Config } from "../config/config.ts";
import { RegistryError } from "../http/registry-error.ts";

/**
 * Checks how long deleted and moved tags of a namespace are to be kept.
 *
 * @param seconds as users and organizations choose it
 * @returns milliseconds
 * @throws {RegistryError} `PARAMETER_INVALID` when the configuration has no such choice
 */
export function checkTagExpiration(
  { tagExpirationChoices }: Pick<Config["collection"], "tagExpirationChoices">,
  seconds: number,
): number {
  if (tagExpirationChoices.includes(seconds * 1000)) return seconds * 1000;
  const choices = tagExpirationChoices.map((choice) => choice / 1000).join(", ");
  throw new RegistryError("PARAMETER_INVALID", `tag_expiration_s must be one of ${choices}`, {
    detail: { field: "tag_expiration_s", value: seconds },
  });
}
