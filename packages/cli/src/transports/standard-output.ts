import type { ByteSink } from "@wharf/image";

import { systemCode, TransportError } from "./transport-error.ts";

/**
 * Writes to standard output, which gets nothing but these bytes.
 *
 * @throws {TransportError} `output` when it is a terminal, or its reader has gone
 */
export async function standardOutput<T>(write: (sink: ByteSink) => Promise<T>): Promise<T> {
  const { stdout } = process;
  if (stdout.isTTY) {
    throw new TransportError(
      "output",
      "standard output is a terminal, which an image would garble",
      {
        hint: "name a destination, or pipe it on: wharf squash NAME | docker load",
      },
    );
  }
  // The error is told by the callback of the write; without a listener it would end the process as well.
  const heard = (): void => {};
  stdout.on("error", heard);
  try {
    return await write(
      (chunk) =>
        new Promise((resolve, reject) => {
          stdout.write(chunk, (error) => (error == null ? resolve() : reject(explain(error))));
        }),
    );
  } finally {
    stdout.off("error", heard);
  }
}

function explain(error: Error): Error {
  if (systemCode(error) !== "EPIPE" && systemCode(error) !== "ERR_STREAM_DESTROYED") return error;
  return new TransportError("output", "the reader of standard output has gone", {
    hint: "look at what the command after the pipe says",
    cause: error,
  });
}
