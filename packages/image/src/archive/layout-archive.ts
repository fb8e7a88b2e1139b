import type { ByteSink } from "../source/byte-source.ts";
import type { Digest } from "../document/digest.ts";
import { Spool } from "../source/spool.ts";
import type { ArchiveWriter } from "./archive-writer.ts";
import { blobFile, blobFolders } from "./blob-file.ts";
import { hashedTransfer } from "./hashed-transfer.ts";
import type { LayoutTarget, StoredBlob } from "./layout-target.ts";

/** An OCI layout on its way into a tar. A blob whose digest is not known yet waits on disk for its name. */
export class LayoutArchive implements LayoutTarget {
  readonly #archive: ArchiveWriter;
  readonly #tmpDir: string | undefined;
  readonly #stored = new Set<Digest>();
  readonly #folders = new Set<string>();

  constructor(archive: ArchiveWriter, tmpDir: string | undefined) {
    this.#archive = archive;
    this.#tmpDir = tmpDir;
  }

  async file(name: string, bytes: Uint8Array): Promise<void> {
    await this.#archive.bytes(name, bytes);
  }

  async blob(
    produce: (sink: ByteSink) => Promise<void>,
    expected?: StoredBlob,
  ): Promise<StoredBlob> {
    if (expected !== undefined) {
      await this.#write(
        expected,
        async (sink) => void (await hashedTransfer(produce, sink, expected)),
      );
      return expected;
    }
    await using spool = await Spool.create(this.#tmpDir);
    const stored = await hashedTransfer(produce, (chunk) => spool.write(chunk));
    await this.#write(stored, async (sink) => {
      for await (const chunk of spool.source().stream()) await sink(chunk);
    });
    return stored;
  }

  async #write(blob: StoredBlob, produce: (sink: ByteSink) => Promise<void>): Promise<void> {
    if (this.#stored.has(blob.digest)) return;
    for (const folder of blobFolders(blob.digest)) await this.#folder(folder);
    await this.#archive.file(blobFile(blob.digest), blob.size, produce);
    this.#stored.add(blob.digest);
  }

  async #folder(name: string): Promise<void> {
    if (this.#folders.has(name)) return;
    this.#folders.add(name);
    await this.#archive.directory(name);
  }
}
