import { createReadStream } from "node:fs";
import { posix } from "node:path";

import type { ByteSink, OutputLayer } from "@wharf/image";
import { writeTarHeader } from "@wharf/image";

import type { DemoEntry } from "./demo-entry.ts";

const BLOCK = 512;
const DIRECTORY = "5".charCodeAt(0);
const CHUNK = 2 ** 20;

/** A layer made from files of this machine, in the form in which the library writes layers. */
export function demoLayer(entries: readonly DemoEntry[]): OutputLayer {
  const parts = entries.map((entry) => ({ entry, header: headerOf(entry), size: sizeOf(entry) }));
  const size = parts.reduce(
    (sum, part) => sum + part.header.length + part.size + padding(part.size),
    2 * BLOCK,
  );
  return {
    size,
    diffId: undefined,
    kept: undefined,
    async writeTo(sink, signal) {
      for (const part of parts) {
        signal?.throwIfAborted();
        await sink(part.header);
        await writeData(part.entry, sink);
        if (padding(part.size) > 0) await sink(Buffer.alloc(padding(part.size)));
      }
      await sink(Buffer.alloc(2 * BLOCK));
    },
  };
}

async function writeData(entry: DemoEntry, sink: ByteSink): Promise<void> {
  if (entry.kind === "text") await sink(Buffer.from(entry.text));
  if (entry.kind !== "file" || entry.size === 0) return;
  // Not a byte more than the header says, even if the file grows meanwhile.
  const stream = createReadStream(entry.hostPath, { end: entry.size - 1, highWaterMark: CHUNK });
  for await (const chunk of stream) await sink(chunk);
}

function headerOf(entry: DemoEntry): Buffer {
  const { kind, path } = entry;
  switch (kind) {
    case "directory":
      return writeTarHeader({ name: `${path}/`, type: DIRECTORY, mode: entry.mode ?? 0o755 });
    case "deletion":
      return writeTarHeader({
        name: posix.join(posix.dirname(path), `.wh.${posix.basename(path)}`),
      });
    case "text":
      return writeTarHeader({ name: path, size: sizeOf(entry) });
    case "file":
      return writeTarHeader({ name: path, size: entry.size, mode: entry.mode });
  }
}

function sizeOf(entry: DemoEntry): number {
  if (entry.kind === "text") return Buffer.byteLength(entry.text);
  return entry.kind === "file" ? entry.size : 0;
}

function padding(size: number): number {
  return (BLOCK - (size % BLOCK)) % BLOCK;
}
