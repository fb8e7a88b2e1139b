import { RegistryError } from "../http/registry-error.ts";

/** For a client that has waited long enough for an image that is being squashed. */
export function comeAgain(): RegistryError {
  return new RegistryError("UNAVAILABLE", "the image is being squashed; come again", {
    headers: { "Retry-After": "10" },
  });
}
