import { archiveEnd, directoryMember, fileHead, filePadding } from "./archive-member.ts";

/** A stretch of an archive. */
export type ArchivePart = LiteralPart | LayerPart;

/** Bytes that no layer has. */
export interface LiteralPart {
  readonly kind: "bytes";
  readonly length: number;
  /** Undefined as long as they depend on a digest that is not known. */
  readonly bytes: Uint8Array | undefined;
}

/** All bytes of a layer file. */
export interface LayerPart {
  readonly kind: "layer";
  /** Which one, in {@link ArchiveParts.layers}. */
  readonly layer: number;
  readonly length: number;
}

/**
 * An archive as the stretches it is made of, so that every byte has an address before the first one is sent. Literals
 * are small: heads, configs and manifests.
 */
export interface ArchiveParts<Layer> {
  /** Exact length in bytes. */
  readonly size: number;
  /** One after the other. */
  readonly parts: readonly ArchivePart[];
  /** The layer files, each once. */
  readonly layers: readonly Layer[];
}

/** Puts an archive together from its members; neighbouring literals become one. */
export class ArchivePartsBuilder {
  readonly #parts: ArchivePart[] = [];
  #literals: Uint8Array[] = [];

  directory(name: string): void {
    this.#literals.push(directoryMember(name));
  }

  file(name: string, bytes: Uint8Array): void {
    this.#literals.push(fileHead(name, bytes.length), bytes, filePadding(bytes.length));
  }

  layerFile(name: string, layer: number, length: number): void {
    this.#literals.push(fileHead(name, length));
    this.#closeLiteral();
    if (length > 0) this.#parts.push({ kind: "layer", layer, length });
    this.#literals.push(filePadding(length));
  }

  end(): ArchivePart[] {
    this.#literals.push(archiveEnd());
    this.#closeLiteral();
    return this.#parts;
  }

  #closeLiteral(): void {
    const bytes = Buffer.concat(this.#literals);
    this.#literals = [];
    this.#parts.push({ kind: "bytes", length: bytes.length, bytes });
  }
}

export function partsSize(parts: readonly ArchivePart[]): number {
  return parts.reduce((sum, { length }) => sum + length, 0);
}
