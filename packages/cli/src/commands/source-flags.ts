import { DEFAULT_LIMITS } from "@wharf/image";

import type { Flag } from "../flag.ts";
import { sizeText } from "../output/size-text.ts";

/** Flags of every command that reads an image. */
export const SOURCE_FLAGS: readonly Flag[] = [
  {
    name: "insecure",
    help: "Talk to the registry without TLS, or accept a certificate nobody vouches for.",
  },
  {
    name: "tmp-dir",
    value: "FOLDER",
    help: "Where input is kept that has to be read twice, such as a pipe. Default: TMPDIR, or the folder of the system.",
  },
  {
    name: "max-layer-size",
    value: "SIZE",
    help: `Refuse an image with a layer that unpacks to more than this, such as 20GB. Default: ${sizeText(DEFAULT_LIMITS.layerBytes)}.`,
  },
];

/** How the progress of a long run is shown. */
export const PROGRESS_FLAG: Flag = {
  name: "progress",
  value: "auto|plain|none",
  help: "auto (default) draws on a terminal and is silent elsewhere, plain prints a line now and then.",
};
