import type { ArchivePart } from "@wharf/image";
import type { OpenContent, Piece } from "../http/send-content.ts";
import type { LayerFile } from "./layer-files.ts";

/** An archive as stretches of bytes and layer files. */
export interface Archive {
  readonly parts: readonly ArchivePart[];
  readonly layers: readonly LayerFile[];
  /** The parts when everything is known, for those whose bytes were not. */
  resolve(signal: AbortSignal): Promise<readonly ArchivePart[]>;
}

/** Opens an archive for one response; a layer file is opened when its first byte is needed. */
export function openArchive(archive: Archive, signal: AbortSignal): OpenContent {
  const opened = new AsyncDisposableStack();
  return {
    async *pieces(start, end) {
      let position = 0;
      for (const [number, part] of archive.parts.entries()) {
        const from = Math.max(0, start - position);
        const to = Math.min(part.length, end - position);
        position += part.length;
        if (to <= from) continue;
        if (part.kind === "layer")
          yield* layerPieces(archive, part.layer, from, to, opened, signal);
        else yield (await literal(archive, part, number, signal)).subarray(from, to);
      }
    },
    [Symbol.asyncDispose]: () => opened.disposeAsync(),
  };
}

async function* layerPieces(
  { layers }: Archive,
  number: number,
  start: number,
  end: number,
  opened: AsyncDisposableStack,
  signal: AbortSignal,
): AsyncGenerator<Piece> {
  const file = layers[number];
  if (file === undefined) throw new RangeError(`no layer file ${number}`);
  const content = opened.use(await file.open(signal));
  yield* content.pieces(start, end);
}

async function literal(
  archive: Archive,
  part: ArchivePart & { kind: "bytes" },
  number: number,
  signal: AbortSignal,
): Promise<Uint8Array> {
  if (part.bytes !== undefined) return part.bytes;
  const resolved = (await archive.resolve(signal))[number];
  if (resolved?.kind !== "bytes" || resolved.bytes === undefined) {
    throw new Error("the archive has another form than was announced");
  }
  return resolved.bytes;
}
