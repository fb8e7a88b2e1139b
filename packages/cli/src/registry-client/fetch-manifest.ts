import {
  algorithmOf,
  type Digest,
  Digester,
  digestOf,
  ImageError,
  type Limits,
  MediaType,
  parseDigest,
} from "@wharf/image";

import type { HttpResponse } from "../transports/http/exchange.ts";
import { nearNames } from "../transports/near-names.ts";
import { listTags } from "./list-tags.ts";
import type { RegistryClient } from "./registry-client.ts";

/** A manifest or index as the registry holds it. */
export interface FetchedManifest {
  readonly bytes: Uint8Array;
  /** Verified: the digest that was asked for, else that of the bytes. */
  readonly digest: Digest;
}

const ACCEPT = [
  MediaType.ociIndex,
  MediaType.ociManifest,
  MediaType.dockerIndex,
  MediaType.dockerManifest,
].join(", ");

/**
 * Fetches a manifest by tag or digest.
 *
 * @throws {ImageError} `not-found` with tags that are alike, `limit` when it is too long, `damaged` when its digest
 *   is not the one asked for or announced
 */
export async function fetchManifest(
  client: RegistryClient,
  reference: string,
  limits: Pick<Limits, "jsonBytes">,
): Promise<FetchedManifest> {
  const target = `manifests/${reference}`;
  const { bytes, announced, status } = await client.retrying(async () => {
    const response = await client.attempt({
      method: "GET",
      target,
      action: "pull",
      headers: { accept: ACCEPT },
      allow: [404],
    });
    const body = await response.bytes(limits.jsonBytes);
    return { bytes: body, announced: announcedDigest(response), status: response.status };
  });
  if (status === 404) throw await notFound(client, reference);
  const wanted = reference.includes(":") ? parseDigest(reference) : announced;
  if (wanted === undefined) return { bytes, digest: digestOf(bytes) };
  const digest = digestLike(bytes, wanted);
  if (digest !== wanted) {
    throw new ImageError(
      "damaged",
      `${client.host} sends a manifest of ${client.repository} with digest ${digest} for ${wanted}`,
    );
  }
  return { bytes, digest };
}

/** distribution-spec, "Pulling manifests": `Docker-Content-Digest`, which a server may leave out. */
function announcedDigest(response: HttpResponse): Digest | undefined {
  const header = response.headers["docker-content-digest"];
  return typeof header === "string" && header !== "" ? parseDigest(header) : undefined;
}

/** The digest by the algorithm of another one. */
function digestLike(bytes: Uint8Array, other: Digest): Digest {
  if (algorithmOf(other) === "sha256") return digestOf(bytes);
  const digester = new Digester(other);
  digester.update(bytes);
  return digester.digest();
}

async function notFound(client: RegistryClient, reference: string): Promise<ImageError> {
  const { host, repository } = client;
  const tags = await listTags(client).catch(() => []);
  const near = nearNames(
    `x:${reference}`,
    tags.map((tag) => `x:${tag}`),
  ).map((name) => name.slice(2));
  const hint =
    near.length > 0 && !reference.includes(":")
      ? `it has the tags ${near.join(", ")}${tags.length > near.length ? " and others" : ""}`
      : "check the name and the tag";
  return new ImageError("not-found", `${host}/${repository} has no image ${reference}`, { hint });
}
