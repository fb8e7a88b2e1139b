import { setTimeout as delay } from "node:timers/promises";

import type { ActorClient } from "./actor-client.ts";
import { digestOf, type Image } from "./content.ts";
import { answerText, ConnectionLost, type Answer } from "./http-client.ts";

interface Descriptor {
  readonly digest: string;
  readonly size: number;
}

interface Manifest {
  readonly config?: Descriptor;
  readonly layers?: readonly Descriptor[];
  readonly manifests?: readonly Descriptor[];
}

/**
 * Pulls an image or an index with all that belongs to it, and hashes it all.
 *
 * @param image what it must be; undefined: whatever it is, it may be gone at any moment
 */
export async function pull(
  client: ActorClient,
  repository: string,
  reference: string,
  image: Image | undefined,
): Promise<void> {
  const name = `${repository}:${reference}`;
  const answer = await client.send("GET", `/v2/${repository}/manifests/${reference}`, {}, name);
  const objects = [name, ...(image === undefined ? [] : [image.manifest.digest])];
  if (answer.status === 404 && image === undefined) return;
  if (answer.status !== 200) {
    throw client.history.fault(`${name} cannot be pulled: ${answerText(answer)}`, ...objects);
  }
  const digest = digestOf(answer.body);
  if (image !== undefined && digest !== image.manifest.digest) {
    throw client.history.fault(`${name} is ${digest}`, ...objects);
  }
  if (answer.headers["docker-content-digest"] !== digest) {
    throw client.history.fault(`${name} is not what its header says`, ...objects);
  }
  await pullParts(client, repository, answer, name, image !== undefined);
}

/** The squashed image of a tag: one layer, and all its digests are right. */
export async function pullSquashed(
  client: ActorClient,
  repository: string,
  tag: string,
  image: Image | undefined,
): Promise<void> {
  const name = `${repository}:${tag}`;
  const path = `/v2/${repository}/manifests/${tag}.squash`;
  const answer = await client.send("GET", path, {}, name);
  if (answer.status === 404 && image === undefined) return;
  const digest = digestOf(answer.body);
  if (answer.status !== 200 || answer.headers["docker-content-digest"] !== digest) {
    throw client.history.fault(`${name}.squash: ${answerText(answer)}`, name);
  }
  await pullParts(client, repository, answer, name, image !== undefined);
}

async function pullParts(
  client: ActorClient,
  repository: string,
  { body }: Answer,
  name: string,
  isCertain: boolean,
): Promise<void> {
  const { config, layers = [], manifests = [] } = JSON.parse(body.toString()) as Manifest; // as pushed
  const blobs = config === undefined ? layers : [config, ...layers];
  const parts = [
    ...manifests.map((part) => ({ part, path: `manifests/${part.digest}` })),
    ...blobs.map((part) => ({ part, path: `blobs/${part.digest}` })),
  ];
  for (const { part, path } of parts) {
    const answer = await client.send("GET", `/v2/${repository}/${path}`, {}, name, part.digest);
    if (answer.status === 404 && !isCertain) return;
    const is = `${answer.status} ${answer.body.length} bytes ${digestOf(answer.body)}`;
    if (is !== `200 ${part.size} bytes ${part.digest}`) {
      throw client.history.fault(`${name} has ${part.digest}, but it is ${is}`, name, part.digest);
    }
    if (path.startsWith("manifests/")) await pullParts(client, repository, answer, name, isCertain);
  }
}

/** Digests of archives by their entity tags: the same tag never means other bytes. */
export type Archives = Map<string, string>;

/** Downloads a squashed archive; after a kill it goes on where it broke off. */
export async function download(
  client: ActorClient,
  repository: string,
  tag: string,
  { image, archives }: { image: Image | undefined; archives: Archives },
): Promise<void> {
  const name = `${repository}:${tag}`;
  let bytes: Buffer = Buffer.alloc(0);
  let etag: string | undefined;
  for (;;) {
    const range = {
      Range: `bytes=${bytes.length}-`,
      ...(etag === undefined ? {} : { "If-Range": etag }),
    };
    const headers = bytes.length === 0 ? {} : range;
    try {
      const answer = await client.once("GET", `/c1/squash/${repository}/${tag}`, { headers }, name);
      if (answer.status === 503) {
        await delay(250);
        continue;
      }
      if (answer.status === 404 && image === undefined) return;
      if (answer.status !== 200 && answer.status !== 206) {
        throw client.history.fault(`${name} is not squashed: ${answerText(answer)}`, name);
      }
      bytes = answer.status === 206 ? Buffer.concat([bytes, answer.body]) : answer.body;
      etag = answer.headers.etag ?? "";
      break;
    } catch (error) {
      if (!(error instanceof ConnectionLost)) throw error;
      const { part } = error;
      if (part?.status === 200) bytes = part.body;
      else if (part?.status === 206) bytes = Buffer.concat([bytes, part.body]);
      etag = part?.headers.etag ?? etag;
    }
  }
  const digest = digestOf(bytes);
  const before = archives.get(etag) ?? digest;
  archives.set(etag, digest);
  if (digest === before) return;
  throw client.history.fault(`${name}: the archive ${etag} was ${before} and is ${digest}`, name);
}
