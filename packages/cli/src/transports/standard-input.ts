import { fstatSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { addAbortSignal } from "node:stream";
import { isatty } from "node:tty";

import { ImageError } from "@wharf/image";

/**
 * Standard input: its descriptor when it is a file from its beginning (`< image.tar`), which needs no spooling, else a stream.
 *
 * @throws {ImageError} `invalid-request` when it is a terminal
 */
export async function standardInput(signal?: AbortSignal): Promise<0 | AsyncIterable<Uint8Array>> {
  if (isatty(0)) {
    throw new ImageError("invalid-request", "standard input is a terminal, an image is expected", {
      hint: "name a source, or pipe one in: docker save NAME | wharf squash",
    });
  }
  if (fstatSync(0).isFile() && (await isAtStart())) return 0;
  return signal === undefined ? process.stdin : addAbortSignal(signal, process.stdin);
}

/** Linux tells the position of a descriptor (proc(5), `fdinfo`); elsewhere the stream is good enough. */
async function isAtStart(): Promise<boolean> {
  const info = await readFile("/proc/self/fdinfo/0", "utf8").catch(() => "");
  return /^pos:\s+0$/m.test(info);
}
