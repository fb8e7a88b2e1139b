import type { ByteSink } from "@wharf/image";

import { TransportError } from "../transports/transport-error.ts";
import type { Engine } from "./engine.ts";

/** A docker-archive of known length, written when asked for. */
export interface ArchiveUpload {
  /** Exact length in bytes. */
  readonly size: number;
  writeTo(sink: ByteSink): Promise<void>;
}

/** Bytes of the engine's progress messages that are read. */
const MESSAGE_BYTES = 16 * 2 ** 20;

/**
 * Loads a docker-archive into the engine, as `docker load` does.
 *
 * @returns the names and ids that the engine says it has loaded
 * @throws {TransportError} `refused` with the engine's message, also when the error comes after status 200
 * @throws whatever the archive's `writeTo` throws; the connection is broken then, so the engine keeps nothing
 */
export async function loadImage(
  engine: Engine,
  archive: ArchiveUpload,
  options: { signal?: AbortSignal | undefined } = {},
): Promise<string[]> {
  const response = await engine.request({
    method: "POST",
    path: "/images/load?quiet=1",
    headers: { "content-type": "application/x-tar" },
    body: (sink) => archive.writeTo(sink),
    bodySize: archive.size,
    signal: options.signal,
  });
  return readMessages(Buffer.from(await response.bytes(MESSAGE_BYTES)).toString("utf8"), engine);
}

/** Docker writes one JSON object per line, podman a single one. Errors come in between, after status 200. */
function readMessages(text: string, engine: Engine): string[] {
  const loaded: string[] = [];
  for (const line of text.split(/\r?\n/)) {
    if (line.trim() === "") continue;
    const { stream, error } = readMessage(line, engine);
    if (error !== undefined) {
      throw new TransportError(
        "refused",
        `the engine at ${engine.address} could not load the image: ${error}`,
      );
    }
    loaded.push(...loadedNames(stream ?? ""));
  }
  if (loaded.length > 0) return loaded;
  throw new TransportError(
    "refused",
    `the engine at ${engine.address} does not say that it loaded the image`,
    {
      hint: "see the engine's log",
    },
  );
}

function readMessage(line: string, engine: Engine): { stream?: string; error?: string } {
  let message: unknown;
  try {
    message = JSON.parse(line);
  } catch (cause) {
    throw new TransportError("refused", `the engine at ${engine.address} answers with no JSON`, {
      cause,
    });
  }
  if (typeof message !== "object" || message === null) return {};
  const stream: unknown = Reflect.get(message, "stream");
  const detail: unknown = Reflect.get(message, "errorDetail");
  const error: unknown =
    Reflect.get(message, "error") ??
    (typeof detail === "object" && detail !== null ? Reflect.get(detail, "message") : undefined);
  return {
    ...(typeof stream === "string" ? { stream } : {}),
    ...(error === undefined || error === ""
      ? {}
      : { error: typeof error === "string" ? error : JSON.stringify(error) }),
  };
}

/** `Loaded image: a:1` (Docker), `Loaded image ID: sha256:...` (unnamed), `Loaded image(s): a:1,b:1` (podman). */
function loadedNames(stream: string): string[] {
  return stream.split("\n").flatMap((line) => {
    const names = /^Loaded image(?: ID|\(s\))?: (.+)$/.exec(line.trim())?.[1];
    return names === undefined ? [] : names.split(",").map((name) => name.trim());
  });
}
