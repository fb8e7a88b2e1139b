/** What kind of failure an {@link ImageError} tells of; the command maps each to an exit code. */
export type ImageErrorCode =
  /** Bytes contradict themselves: truncated, corrupt, digest or size does not match. */
  | "damaged"
  /** Well-formed, but something Wharf does not do (schema 1, Windows layers, foreign layer without data). */
  | "unsupported"
  /** A limit against hostile input was hit. */
  | "limit"
  /** The named image, tag, platform, layer or file is not there. */
  | "not-found"
  /** The request leaves open which image is meant, or contradicts itself. */
  | "invalid-request";

/** Where in the input the fault lies, as far as it is known. */
export interface ImageErrorPlace {
  /** Number of the layer, the lowest is 1. */
  readonly layer?: number;
  /** Byte offset in the uncompressed tar stream of the layer (or in the archive when no layer is named). */
  readonly offset?: number;
  /** Path inside the layer or archive; bytes that are not UTF-8 are shown as `\xNN`. */
  readonly path?: string;
}

/**
 * The one error that reading, flattening and writing images throws for faults of the input.
 * The message names the cause, `place` says where, `hint` what to do next.
 */
export class ImageError extends Error {
  override readonly name = "ImageError";
  readonly code: ImageErrorCode;
  /** The message without the place. */
  readonly reason: string;
  readonly place: ImageErrorPlace;
  readonly hint: string | undefined;

  constructor(
    code: ImageErrorCode,
    message: string,
    options: ImageErrorPlace & { hint?: string; cause?: unknown } = {},
  ) {
    const { hint, cause, ...place } = options;
    super(message + describePlace(place), cause === undefined ? undefined : { cause });
    this.code = code;
    this.reason = message;
    this.place = place;
    this.hint = hint;
  }
}

function describePlace(place: ImageErrorPlace): string {
  const parts: string[] = [];
  if (place.layer !== undefined) parts.push(`layer ${place.layer}`);
  if (place.offset !== undefined) parts.push(`offset ${place.offset}`);
  if (place.path !== undefined) parts.push(`path ${place.path}`);
  return parts.length === 0 ? "" : ` (${parts.join(", ")})`;
}

/**
 * Adds what is known of the place to an error that was thrown further down; other errors are handed back as they are.
 * What the error itself knows of the place stays.
 */
export function withPlace(error: unknown, place: ImageErrorPlace): unknown {
  if (!(error instanceof ImageError)) return error;
  const hint = error.hint === undefined ? {} : { hint: error.hint };
  return new ImageError(error.code, error.reason, {
    ...place,
    ...error.place,
    ...hint,
    cause: error.cause ?? error,
  });
}
