import type { TextStream } from "../command-context.ts";

/** What a page is laid out for where no terminal tells its width. */
const DEFAULT_WIDTH = 80;
const NARROWEST = 40;

/** Characters in a line of the stream. */
export function terminalWidth(stream: TextStream): number {
  const columns = stream.isTTY === true ? (stream.columns ?? 0) : 0;
  return columns === 0 ? DEFAULT_WIDTH : Math.max(NARROWEST, columns);
}
