import type { Image } from "@wharf/image";

import type { CommandContext } from "../command-context.ts";
import type { Reference } from "../transports/reference.ts";
import { UsageError } from "../usage-error.ts";
import { isStandardOutput } from "./squash-destination.ts";
import type { SquashOptions } from "./squash-options.ts";

/** An image is nothing for a terminal. */
export function refuseTerminal(
  destination: Reference,
  { dryRun }: SquashOptions,
  context: CommandContext,
): void {
  if (dryRun || !isStandardOutput(destination) || !context.isTerminal(1)) return;
  throw new UsageError(
    "no place for the result: an image is nothing for a terminal",
    "name a file with -o, or a DESTINATION such as docker-daemon:NAME:TAG",
  );
}

/** One name cannot be given to several images, and some places hold only one platform of a name. */
export function refuseAmbiguity(
  images: readonly Image[],
  { transport }: Reference,
  options: SquashOptions,
): void {
  if (images.length === 1) return;
  const names = new Set(images.map((image) => image.names.join(" ")));
  if (options.names.length > 0 && names.size > 1) {
    const available = images.flatMap((image) => image.names).slice(0, 5);
    throw new UsageError(
      `-t names one image, but the source holds ${images.length}`,
      `name one of them as docker-archive:FILE:NAME:TAG: ${available.join(", ")}`,
    );
  }
  if (
    options.platform === "all" &&
    (transport === "docker-archive" || transport === "docker-daemon")
  ) {
    throw new UsageError(
      "a docker-archive holds one platform of an image",
      "use --format oci-archive or oci, a registry, or choose one --platform",
    );
  }
}
