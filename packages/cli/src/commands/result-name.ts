import { parseImageName } from "../transports/image-name.ts";
import { UsageError } from "../usage-error.ts";

/**
 * Checks a name for the result (`-t`); one without a tag gets `latest`, as with engines.
 *
 * @throws {UsageError} for a digest
 * @throws {ImageError} `invalid-request` when it is no name
 */
export function resultName(text: string): string {
  const { tag, digest } = parseImageName(text);
  if (digest !== undefined)
    throw new UsageError(`-t ${text}: a result has a tag, no digest`, "write NAME:TAG");
  return tag === undefined ? `${text}:latest` : text;
}
