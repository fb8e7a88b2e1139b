import { ending, run, type Ending } from "../command.ts";

/** As a careful person calls it: quiet, fails on an error status, follows redirects. */
const FLAGS = ["--silent", "--show-error", "--fail", "--location"];

/** Runs `curl`. */
export function curl(...args: readonly string[]): Promise<string> {
  return run("curl", [...FLAGS, ...args]);
}

/** Runs `curl` and tells how it ended; 22 is an error status. */
export function curlEnding(...args: readonly string[]): Promise<Ending> {
  return ending("curl", [...FLAGS, ...args]);
}

/** The status of the answer, whatever it is; the body is thrown away. */
export async function curlStatus(...args: readonly string[]): Promise<number> {
  const flags = ["--silent", "--output", "/dev/null", "--write-out", "%{http_code}"];
  return Number(await run("curl", [...flags, ...args]));
}

/** The headers of an answer to HEAD, names in lower case. */
export async function curlHead(...args: readonly string[]): Promise<ReadonlyMap<string, string>> {
  const lines = (await curl("--head", ...args)).split("\r\n").filter((line) => line.includes(": "));
  return new Map(
    lines.map((line) => {
      const colon = line.indexOf(": ");
      return [line.slice(0, colon).toLowerCase(), line.slice(colon + 2)];
    }),
  );
}
