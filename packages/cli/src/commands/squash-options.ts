import type { LayerCompression } from "@wharf/image";

import type { ParsedFlags } from "../parse-flags.ts";
import { UsageError } from "../usage-error.ts";
import { oneOf } from "./one-of.ts";
import { resultName } from "./result-name.ts";
import { sourceOptions } from "./source-options.ts";
import type { SourceOptions } from "./source-options.ts";

/** What a file or standard output is written as. */
export type OutputFormat = "docker-archive" | "oci-archive" | "oci";

/** The command line of `wharf squash`, checked. */
export interface SquashOptions extends SourceOptions {
  /** `-i` or SOURCE; "-" is standard input. Undefined: none was named. */
  readonly source: Place | undefined;
  /** `-o` or DESTINATION; "-" is standard output. Undefined: none was named. */
  readonly destination: Place | undefined;
  readonly names: readonly string[];
  readonly format: OutputFormat | undefined;
  readonly compression: LayerCompression | undefined;
  readonly from: string | undefined;
  readonly to: number | undefined;
  readonly history: "keep" | "scrub";
  readonly dropXattrs: readonly string[];
  readonly dryRun: boolean;
}

/** A place as it was named: a path (`-i`, `-o`) is never taken for anything else. */
export interface Place {
  readonly text: string;
  readonly isPath: boolean;
}

/** @throws {UsageError} when a value is not one of those the help lists, or two flags contradict each other */
export function squashOptions(flags: ParsedFlags): SquashOptions {
  const { source, destination } = places(flags);
  return {
    ...sourceOptions(flags),
    source,
    destination,
    names: flags.values("tag").map((name) => resultName(name)),
    format: oneOf(flags, "format", ["docker-archive", "oci-archive", "oci"]),
    compression: compressionOf(flags.value("compression")),
    from: flags.value("from"),
    to: layerNumber(flags.value("to")),
    history: oneOf(flags, "history", ["keep", "scrub"]) ?? "keep",
    dropXattrs: flags.values("drop-xattr"),
    dryRun: flags.on("dry-run"),
  };
}

/** With `-i` the only name is the DESTINATION. */
function places(flags: ParsedFlags): { source: Place | undefined; destination: Place | undefined } {
  const input = pathPlace(flags.value("input"));
  const output = pathPlace(flags.value("output"));
  const named = flags.positionals.map((text): Place => ({ text, isPath: false }));
  const source = input ?? named.shift();
  const destination = output ?? named.shift();
  const [extra] = named;
  if (extra === undefined) return { source, destination };
  const message =
    input === undefined && output === undefined
      ? `one name too many: ${JSON.stringify(extra.text)}`
      : `${JSON.stringify(extra.text)} is one name too many beside -i or -o`;
  throw new UsageError(message, "wharf squash [flags] [SOURCE] [DESTINATION]");
}

function pathPlace(text: string | undefined): Place | undefined {
  return text === undefined ? undefined : { text, isPath: true };
}

/** Levels as zlib and zstd number them. The defaults are those of `docker push` and of zstd. */
const COMPRESSIONS = {
  none: undefined,
  gzip: { level: 6, lowest: 1, highest: 9 },
  zstd: { level: 3, lowest: 1, highest: 19 },
};

function compressionOf(text: string | undefined): LayerCompression | undefined {
  if (text === undefined) return undefined;
  const [, kind, digits] = /^(none|gzip|zstd)(?::(\d{1,3}))?$/.exec(text) ?? [];
  if (kind === "none" && digits === undefined) return { kind };
  if (kind === "gzip" || kind === "zstd") {
    const { level, lowest, highest } = COMPRESSIONS[kind];
    const wanted = digits === undefined ? level : Number(digits);
    if (wanted >= lowest && wanted <= highest) return { kind, level: wanted };
  }
  throw new UsageError(
    `--compression ${JSON.stringify(text)} is not known`,
    "write none, gzip, zstd, gzip:1 to gzip:9 or zstd:1 to zstd:19",
  );
}

function layerNumber(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (/^[1-9]\d{0,5}$/.test(text)) return Number(text);
  throw new UsageError(
    `--to ${JSON.stringify(text)} is not a layer number`,
    'see the numbers with "wharf inspect"',
  );
}
