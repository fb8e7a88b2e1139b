/**
 * Memory that moves to another thread instead of being copied: that of the columns in plain data. Views that share
 * theirs with others, and those in lists, are copied.
 */
export function ownedBuffers(value: unknown): ArrayBuffer[] {
  const buffers = new Set<ArrayBuffer>();
  const visit = (part: unknown): void => {
    if (ArrayBuffer.isView(part)) {
      const { buffer, byteLength } = part;
      if (buffer instanceof ArrayBuffer && buffer.byteLength === byteLength && byteLength > 0)
        buffers.add(buffer);
    } else if (isPlain(part)) Object.values(part).forEach(visit);
  };
  visit(value);
  return [...buffers];
}

function isPlain(value: unknown): value is object {
  return (
    typeof value === "object" && value !== null && Object.getPrototypeOf(value) === Object.prototype
  );
}
