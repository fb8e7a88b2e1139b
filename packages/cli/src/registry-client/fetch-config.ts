import {
  type Descriptor,
  ImageError,
  type ImageConfig,
  type Limits,
  parseImageConfig,
} from "@wharf/image";

import { downloadBlob } from "./download-blob.ts";
import type { RegistryClient } from "./registry-client.ts";

/**
 * Fetches and checks an image config.
 *
 * @throws {ImageError} `damaged`, `limit` or `unsupported`
 */
export async function fetchConfig(
  client: RegistryClient,
  descriptor: Descriptor,
  limits: Limits,
): Promise<ImageConfig & { readonly bytes: Uint8Array }> {
  const what = `the config of ${client.repository}`;
  if (descriptor.size > limits.jsonBytes) {
    throw new ImageError(
      "limit",
      `${what} has ${descriptor.size} bytes, at most ${limits.jsonBytes} are read`,
    );
  }
  const chunks: Uint8Array[] = [];
  const keep = async (chunk: Uint8Array): Promise<void> => void chunks.push(Buffer.from(chunk));
  await downloadBlob(client, descriptor, keep, what);
  const bytes = Buffer.concat(chunks);
  return { ...parseImageConfig(bytes, what, limits), bytes };
}
