import type { IncomingMessage, ServerResponse } from "node:http";

import { type Digest, digestOf, MediaType } from "@wharf/image";

import { type Answer, startServer, type TestServer } from "./start-server.ts";

/** A registry in memory that holds one image `app:1` and does wrong what a test wants it to do wrong. */
export interface ImageServer extends TestServer {
  readonly layer: Buffer;
  readonly layerDigest: Digest;
  readonly manifestDigest: Digest;
  /** The requests for blobs of the layer so far. */
  layerRequests(): IncomingMessage[];
}

/** What to do otherwise. Undefined where the right answer is to be given. */
export interface Misbehaviour {
  /** Fields of the manifest. */
  readonly manifest?: object;
  /** Bytes of the layer; default 100,000 that are no tar, which a pull doesn't mind. */
  readonly layer?: Buffer;
  /** Fields of the layer's descriptor. */
  readonly descriptor?: object;
  /** Takes over an answer; gives back false to leave it to the server. */
  answer?(
    request: IncomingMessage,
    response: ServerResponse,
    kind: "ping" | "manifest" | "config" | "layer" | "other",
  ): unknown;
}

/** Starts the registry on a free port. */
export async function startImageServer(wrong: Misbehaviour = {}): Promise<ImageServer> {
  const layer = wrong.layer ?? Buffer.alloc(100_000, "layer ");
  const layerDigest = digestOf(layer);
  const config = json({
    os: "linux",
    architecture: "amd64",
    rootfs: { type: "layers", diff_ids: [layerDigest] },
  });
  const manifest = json({
    schemaVersion: 2,
    mediaType: MediaType.ociManifest,
    config: { mediaType: MediaType.ociConfig, digest: digestOf(config), size: config.length },
    layers: [
      {
        mediaType: MediaType.ociLayer,
        digest: layerDigest,
        size: layer.length,
        ...wrong.descriptor,
      },
    ],
    ...wrong.manifest,
  });
  const kindOf = ({ url = "" }: IncomingMessage) => {
    if (url === "/v2/") return "ping";
    if (url.startsWith("/v2/app/manifests/")) return "manifest";
    if (url === `/v2/app/blobs/${digestOf(config)}`) return "config";
    return url === `/v2/app/blobs/${layerDigest}` ? "layer" : "other";
  };
  const answer: Answer = async (request, response) => {
    const kind = kindOf(request);
    if (wrong.answer !== undefined && (await wrong.answer(request, response, kind)) !== false)
      return;
    if (kind === "ping") response.end("{}");
    else if (kind === "manifest") response.end(manifest);
    else if (kind === "config") response.end(config);
    else if (kind === "layer") response.end(layer);
    else response.writeHead(404).end();
  };
  const server = await startServer(answer);
  return {
    ...server,
    layer,
    layerDigest,
    manifestDigest: digestOf(manifest),
    layerRequests: () => server.requests.filter((request) => kindOf(request) === "layer"),
  };
}

function json(value: unknown): Buffer {
  return Buffer.from(JSON.stringify(value));
}
