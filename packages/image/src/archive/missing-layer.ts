import type { ByteSource } from "../source/byte-source.ts";
import { ImageError } from "../image-error.ts";
import { isForeignLayerType } from "../document/media-types.ts";
import { quote } from "../document/quote.ts";

/** What is known of a layer that is not there. */
export interface AbsentLayer {
  /** Number of the layer, the lowest is 1. */
  readonly number: number;
  /** Digest or file name. */
  readonly name: string;
  /** What it is missing from, for the message. */
  readonly where: string;
}

/** URLs that a message lists at most. */
const LISTED = 5;
const absent = new WeakSet<ByteSource>();

/** A layer whose bytes are not there. That is no fault until someone reads it: {@link ImageError} `unsupported` for a foreign layer, else `damaged`. */
export function missingLayer(
  layer: AbsentLayer,
  descriptor:
    | { readonly mediaType: string; readonly size: number; readonly urls: readonly string[] }
    | undefined,
): ByteSource {
  const source: ByteSource = {
    size: descriptor?.size ?? 0,
    stream: () => {
      throw missingLayerError(layer, descriptor?.mediaType ?? "", descriptor?.urls ?? []);
    },
  };
  absent.add(source);
  return source;
}

/** Whether a layer was made by {@link missingLayer}. */
export function isMissingLayer(source: ByteSource): boolean {
  return absent.has(source);
}

function missingLayerError(
  { number, name, where }: AbsentLayer,
  mediaType: string,
  urls: readonly string[],
): ImageError {
  if (urls.length === 0 && !isForeignLayerType(mediaType)) {
    return new ImageError("damaged", `the layer ${name} is missing from ${where}`, {
      layer: number,
    });
  }
  const offered =
    urls.length > 0 ? `, it is offered at ${urls.slice(0, LISTED).map(quote).join(", ")}` : "";
  return new ImageError("unsupported", `the foreign layer ${name} is not in ${where}${offered}`, {
    layer: number,
    hint: "save the image together with the data of its foreign layers",
  });
}
