// Long because it is one thing: the way of an image into the registry, with all that comes in between.
import { setTimeout as delay } from "node:timers/promises";

import { GivenUp, type ActorClient } from "./actor-client.ts";
import type { Content, Image } from "./content.ts";
import { answerText, ConnectionLost, type Answer } from "./http-client.ts";
import type { Random } from "./random.ts";

/** Times that an upload may be begun again. */
const ATTEMPTS = 30;

export interface Pusher {
  readonly client: ActorClient;
  readonly random: Random;
  /** Repositories from which blobs may be mounted. */
  readonly sources: readonly string[];
  /** Milliseconds for which a blob is kept that nothing refers to yet, once it was pushed or asked for. */
  readonly kept: number;
}

/**
 * Pushes an image or an index with its images, each blob in a random way.
 *
 * @param isAlone nobody else deletes blobs from the repository
 */
export async function pushImage(
  pusher: Pusher,
  repository: string,
  image: Image,
  { tag, isAlone }: { tag?: string; isAlone: boolean },
): Promise<void> {
  const { client, random } = pusher;
  const { digest, bytes, mediaType } = image.manifest;
  const objects = [digest, ...(tag === undefined ? [] : [`${repository}:${tag}`])];
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const began = performance.now();
    for (const child of image.children) await pushImage(pusher, repository, child, { isAlone });
    for (const blob of random.shuffled(image.blobs)) await pushBlob(pusher, repository, blob);
    const took = performance.now() - began;
    const path = `/v2/${repository}/manifests/${tag ?? digest}`;
    const headers = { "Content-Type": mediaType };
    const answer = await client.send("PUT", path, { headers, body: bytes }, ...objects);
    const isInTime = took <= pusher.kept && answer.lost === 0;
    // An index is taken without its images too; from its first time on they are kept.
    const isWhole = image.children.length === 0 || isInTime || attempt > 0;
    if (answer.status === 201 && isWhole) return;
    const isUnknown = answer.status === 404 && !(isAlone && isInTime); // MANIFEST_BLOB_UNKNOWN
    if (answer.status === 201 || isUnknown) continue;
    throw client.history.fault(
      `manifest ${digest} is refused ${took} ms after its first blob: ${answerText(answer)}`,
      ...objects,
      ...image.blobs.map((blob) => blob.digest),
    );
  }
  throw client.history.fault(`manifest ${digest} is never taken`, ...objects);
}

/** Pushes a blob, whatever comes in between. */
export async function pushBlob(pusher: Pusher, repository: string, blob: Content): Promise<void> {
  const { client, random, sources } = pusher;
  const { digest, bytes } = blob;
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    if (random.percent(50)) {
      const path = `/v2/${repository}/blobs/${digest}`;
      const { status } = await client.send("HEAD", path, {}, digest);
      if (status === 200) return;
    }
    const uploads = `/v2/${repository}/blobs/uploads/`;
    const way = random.below(100);
    if (way < 30) {
      const path = `${uploads}?digest=${digest}`;
      const { status } = await client.send("POST", path, { body: bytes }, digest);
      if (status === 201) return;
      throw client.history.fault(`a whole blob is answered ${status}`, digest);
    }
    const query = way < 50 ? `?mount=${digest}&from=${random.pick(sources)}` : "";
    const begun = await client.send("POST", uploads + query, {}, digest);
    if (begun.status === 201 && query !== "") return;
    if (begun.status !== 202) throw client.history.fault(`no upload: ${begun.status}`, digest);
    if (await upload(pusher, locationOf(begun), blob)) return;
  }
  throw client.history.fault(`blob ${digest} is never taken`, digest);
}

/** @returns false when it must be begun anew */
async function upload(
  pusher: Pusher,
  begunAt: string,
  { digest, bytes }: Content,
): Promise<boolean> {
  const { client, random } = pusher;
  let location = begunAt;
  /** Bytes that were acknowledged. */
  let acknowledged = 0;
  let offset = 0;
  try {
    const chunks = random.pick([0, 0, 1, 3]);
    for (let chunk = 0; chunk < chunks && offset < bytes.length;) {
      const length = Math.ceil(bytes.length / chunks);
      const end = Math.min(bytes.length, offset + length);
      const answer = await patch(pusher, location, bytes.subarray(0, end), offset, digest);
      if (answer === "lost") {
        if (random.percent(20)) return false; // abandoned
        const size = await storedSize(client, location, digest);
        if (size === undefined) return false;
        if (size < acknowledged || size > end) {
          const what = `the upload has ${size} bytes, ${acknowledged} were acknowledged, ${end} sent`;
          throw client.history.fault(what, digest);
        }
        offset = size;
        continue;
      }
      if (answer.status === 416) {
        // What came of a chunk that broke off was still being stored when it was asked for.
        offset = sizeIn(answer) ?? offset;
        continue;
      }
      if (isToBegin(answer)) return false;
      if (answer.status !== 202) {
        throw client.history.fault(`a chunk is answered ${answerText(answer)}`, digest);
      }
      location = locationOf(answer);
      offset = end;
      acknowledged = end;
      chunk++;
    }
    const mark = location.includes("?") ? "&" : "?";
    const rest = bytes.subarray(offset);
    const path = `${location}${mark}digest=${digest}`;
    const answer = await client.once("PUT", path, { body: rest }, digest);
    if (answer.status === 201) return true;
    if (answer.status === 503 || isToBegin(answer)) return false;
    throw client.history.fault(`an upload ends with ${answerText(answer)}`, digest);
  } catch (error) {
    if (error instanceof ConnectionLost) return false; // perhaps it is stored: it is asked for again
    throw error;
  }
}

/** One request in one piece or in many, slowly, and sometimes not to its end. */
async function patch(
  { client, random }: Pusher,
  location: string,
  bytes: Buffer,
  offset: number,
  digest: string,
): Promise<Answer | "lost"> {
  const body = bytes.subarray(offset);
  const range = { "Content-Range": `${offset}-${bytes.length - 1}` };
  const isSlow = random.percent(50);
  const givesUpAt = random.percent(15) ? random.below(body.length) : Infinity;
  const length = isSlow ? {} : { "Content-Length": String(body.length) };
  const headers = { "Content-Type": "application/octet-stream", ...range, ...length };
  try {
    const sent = isSlow || givesUpAt < Infinity ? pieces(body, isSlow ? 20 : 0, givesUpAt) : body;
    return await client.once("PATCH", location, { headers, body: sent }, digest);
  } catch (error) {
    if (error instanceof ConnectionLost) return "lost";
    throw error;
  }
}

async function* pieces(body: Buffer, pause: number, end: number): AsyncGenerator<Buffer> {
  const size = Math.max(1, Math.ceil(body.length / 5));
  for (let at = 0; at < body.length; at += size) {
    if (at >= end) throw new GivenUp("the client has left");
    yield body.subarray(at, at + size);
    await delay(pause);
  }
}

/** What a client that lost its connection asks. @returns undefined when there is no such upload any more */
async function storedSize(
  client: ActorClient,
  location: string,
  digest: string,
): Promise<number | undefined> {
  const answer = await client.send("GET", location, {}, digest);
  if (answer.status === 404) return undefined;
  const size = sizeIn(answer);
  if (answer.status !== 204 || size === undefined) {
    throw client.history.fault(`the state of an upload is answered ${answer.status}`, digest);
  }
  return size;
}

/** An empty upload says 0-0, as one with one byte would; there is none here. */
function sizeIn({ headers }: Answer): number | undefined {
  const end = /^0-(\d+)$/.exec(headers.range ?? "")?.[1];
  return end === undefined ? undefined : end === "0" ? 0 : Number(end) + 1;
}

/** The upload is unknown (it has ended or expired), or somebody else has gone on with it. */
function isToBegin({ status, body }: Answer): boolean {
  if (status === 404) return true;
  return status === 400 && body.includes("BLOB_UPLOAD_INVALID");
}

function locationOf({ headers }: Answer): string {
  if (headers.location === undefined) throw new Error("an upload without a location");
  return headers.location;
}
