import { ImageError } from "@wharf/image";

/** Reads a field of a document that anybody has pushed: what cannot be read is as if it were not there. */
export function tolerant<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if (error instanceof ImageError) return undefined;
    throw error;
  }
}
