/**
 * Gives the memory of a chunk back at once. Left to the garbage collector, the chunks of a large upload pile up outside
 * of its heap, and it looks through the whole heap every 64 MB only to find them.
 *
 * @param chunk nobody uses it any more; one that shares its memory with others is left as it is
 */
export function freeChunk({ buffer, byteLength }: Uint8Array): void {
  if (buffer instanceof ArrayBuffer && buffer.byteLength === byteLength && !buffer.detached) {
    buffer.transfer(0);
  }
}
