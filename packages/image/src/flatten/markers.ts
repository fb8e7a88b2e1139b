/** Prefix of the name of a marker that hides a name of lower layers (image-spec `layer.md`, "Whiteouts"). */
export const WHITEOUT = ".wh.";

/** Name of the marker that hides everything lower layers have in a directory (image-spec `layer.md`, "Opaque Whiteout"). */
export const OPAQUE = ".wh..wh..opq";

/** Names that AUFS used for itself in the root of a layer; no content (rule 51). */
export const AUFS: ReadonlySet<string> = new Set([".wh..wh.aufs", ".wh..wh.plnk", ".wh..wh.orph"]);
