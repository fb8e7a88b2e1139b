import { ImageError } from "@wharf/image";
import { RegistryError } from "../http/registry-error.ts";
import { REFUSAL } from "../squash/source-image.ts";

/** Why an image cannot be looked into, in words that do not speak of squashing. Other errors stay as they are. */
export function asComparisonRefusal(error: unknown): unknown {
  if (error instanceof ImageError) {
    return refused(error.reason, { detail: error.place, cause: error });
  }
  if (!(error instanceof RegistryError) || error.code !== "SQUASH_REFUSED") return error;
  const { message, status, detail } = error;
  const reason = message.startsWith(REFUSAL) ? message.slice(REFUSAL.length) : message;
  return refused(reason, { status, detail, cause: error });
}

function refused(
  reason: string,
  options: { readonly status?: number; readonly detail?: unknown; readonly cause: unknown },
): RegistryError {
  return new RegistryError(
    "COMPARE_REFUSED",
    `the files of the image cannot be told: ${reason}`,
    options,
  );
}
