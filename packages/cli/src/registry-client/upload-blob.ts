import type { ByteSink, Digest } from "@wharf/image";

import { TransportError } from "../transports/transport-error.ts";
import type { RegistryClient } from "./registry-client.ts";

/** Bytes that go into a registry and whose digest may be known only at their end. */
export interface BlobUpload {
  /** Writes all bytes, always the same, and tells their digest. Called again when the connection breaks. */
  writeTo(sink: ByteSink): Promise<Digest>;
}

/** A registry reads a large blob again before it answers, an object store copies it. */
const COMMIT_PATIENCE = 15 * 60_000;

/** Whether the repository has a blob (distribution-spec, "Checking if content exists"). */
export async function hasBlob(client: RegistryClient, digest: Digest): Promise<boolean> {
  const response = await client.request({
    method: "HEAD",
    target: `blobs/${digest}`,
    action: "pull,push",
    allow: [404],
  });
  response.discard();
  return response.status < 300;
}

/**
 * Takes a blob over from another repository of the same registry (distribution-spec, "Mounting a blob from another
 * repository").
 *
 * @param from the other repository
 * @returns whether it was mounted; if not, perhaps the upload that the registry has begun instead
 */
export async function mountBlob(
  client: RegistryClient,
  digest: Digest,
  from: string,
): Promise<{ mounted: boolean; session?: URL }> {
  const target = `blobs/uploads/?${new URLSearchParams({ mount: digest, from }).toString()}`;
  try {
    const response = await client.request({
      method: "POST",
      target,
      action: "pull,push",
      scopes: [`repository:${from}:pull`],
      // Registries may refuse what they could simply leave undone.
      allow: [400, 403, 404, 405],
    });
    response.discard();
    if (response.status === 202)
      return { mounted: false, session: client.locationOf(response, target) };
    return { mounted: response.status === 201 };
  } catch (error) {
    // No access to the other repository: the blob is uploaded.
    if (error instanceof TransportError && error.code === "denied") return { mounted: false };
    throw error;
  }
}

/**
 * Uploads a blob while it is made (distribution-spec, "Pushing a blob in chunks", with one chunk of unknown length).
 * When the connection breaks, it begins anew.
 *
 * @param begun an upload that the registry has begun already
 * @returns the digest the maker of the bytes told, which the registry has verified
 */
export async function uploadBlob(
  client: RegistryClient,
  upload: BlobUpload,
  begun?: URL,
): Promise<Digest> {
  let first = begun;
  return await client.retrying(async () => {
    const session = first ?? (await beginUpload(client));
    first = undefined;
    let digest: Digest | undefined;
    const patch = await client.attempt({
      method: "PATCH",
      target: session,
      action: "pull,push",
      headers: { "content-type": "application/octet-stream" },
      body: async (sink) => {
        digest = await upload.writeTo(sink);
      },
      patience: COMMIT_PATIENCE,
    });
    patch.discard();
    expect(client, patch.status, 202, "the data of an upload");
    if (digest === undefined)
      throw new TransportError("refused", `${client.host} did not take a whole blob`);
    const commit = await client.attempt({
      method: "PUT",
      target: withDigest(client.locationOf(patch, session), digest),
      action: "pull,push",
      patience: COMMIT_PATIENCE,
    });
    commit.discard();
    expect(client, commit.status, 201, "the end of an upload");
    return digest;
  });
}

async function beginUpload(client: RegistryClient): Promise<URL> {
  const target = "blobs/uploads/";
  const response = await client.attempt({ method: "POST", target, action: "pull,push" });
  response.discard();
  expect(client, response.status, 202, "an upload");
  return client.locationOf(response, target);
}

/** What the session's address already says must stay as it is: it may be signed. */
function withDigest(session: URL, digest: Digest): URL {
  const url = new URL(session);
  url.search += `${url.search === "" ? "?" : "&"}digest=${encodeURIComponent(digest)}`;
  return url;
}

function expect(client: RegistryClient, status: number, wanted: number, what: string): void {
  if (status === wanted) return;
  throw new TransportError(
    "refused",
    `${client.host} answers ${what} with status ${status}, ${wanted} is right`,
  );
}
