import { parseDestination } from "../transports/reference.ts";
import type { Reference } from "../transports/reference.ts";
import { UsageError } from "../usage-error.ts";
import type { OutputFormat, Place, SquashOptions } from "./squash-options.ts";

/**
 * Where the result goes, with the format settled.
 *
 * @throws {UsageError} when --format or --compression does not fit the place
 */
export async function squashDestination(options: SquashOptions): Promise<Reference> {
  const reference = await destinationOf(options.destination, options.format);
  if (options.format !== undefined && reference.transport !== options.format) {
    throw new UsageError(
      `--format ${options.format} does not fit ${options.destination?.text ?? "standard output"}`,
      "leave --format out, or name a file",
    );
  }
  if (options.names.length > 0 && hasName(reference)) {
    throw new UsageError("-t and DESTINATION both name the result", "leave one of the names out");
  }
  const { compression } = options;
  if (compression !== undefined && compression.kind !== "none" && holdsPlainLayers(reference)) {
    throw new UsageError(
      `--compression ${compression.kind} does not fit: the layers of a docker-archive are always plain`,
      "use --format oci-archive, or compress the whole file with gzip or zstd",
    );
  }
  return reference;
}

/** Standard output carries the image, so text has to go elsewhere. */
export function isStandardOutput(reference: Reference): boolean {
  return reference.transport === "stdio" || ("path" in reference && reference.path === "-");
}

function hasName(reference: Reference): boolean {
  return "tag" in reference || ("name" in reference && reference.name !== undefined);
}

/** What an engine loads is a docker-archive too. */
function holdsPlainLayers({ transport }: Reference): boolean {
  return transport === "docker-archive" || transport === "docker-daemon";
}

async function destinationOf(
  place: Place | undefined,
  format: OutputFormat | undefined,
): Promise<Reference> {
  if (place === undefined || place.text === "-") return fileReference("-", format);
  const reference: Reference = place.isPath
    ? { transport: "path", path: place.text, kind: place.text.endsWith("/") ? "folder" : "file" }
    : await parseDestination(place.text);
  if (reference.transport !== "path") return reference;
  return fileReference(reference.path, format ?? (reference.kind === "folder" ? "oci" : undefined));
}

function fileReference(path: string, format: OutputFormat | undefined): Reference {
  if (format === "oci" && path === "-") {
    throw new UsageError(
      "--format oci is a folder and needs a name",
      "name it with -o, or use --format oci-archive",
    );
  }
  return { transport: format ?? "docker-archive", path, name: undefined };
}
