import type { ByteSource } from "../source/byte-source.ts";
import { cleanPath } from "../flatten/clean-path.ts";
import { ImageError } from "../image-error.ts";
import { DEFAULT_LIMITS } from "../limits.ts";
import type { Limits } from "../limits.ts";
import { quote } from "../document/quote.ts";
import type { ArchiveFiles } from "./archive-files.ts";
import { readWhole, sourcePart } from "./source-part.ts";
import { readTarMembers } from "./tar-members.ts";
import type { TarMember } from "./tar-members.ts";

/** Members of an archive; an image archive with 10,000 layers has 40,000. */
const MAX_MEMBERS = 200_000;
/** Links from link to link. */
const MAX_LINKS = 32;

/** The table of contents of a tar archive that can be read from any position. Where a name comes twice the last one counts. */
export class TarDirectory implements ArchiveFiles {
  readonly what = "the archive";
  readonly #source: ByteSource;
  readonly #members: ReadonlyMap<string, TarMember>;

  private constructor(source: ByteSource, members: ReadonlyMap<string, TarMember>) {
    this.#source = source;
    this.#members = members;
  }

  /**
   * Reads the headers only, hopping over the data.
   *
   * @throws {ImageError} `damaged` with the offset where the archive is cut or a header is wrong, or `limit`
   */
  static async read(
    source: ByteSource,
    options: {
      readonly limits?: Limits | undefined;
      readonly signal?: AbortSignal | undefined;
    } = {},
  ): Promise<TarDirectory> {
    const members = new Map<string, TarMember>();
    for await (const member of readTarMembers(source, options.limits ?? DEFAULT_LIMITS)) {
      options.signal?.throwIfAborted();
      if (members.size >= MAX_MEMBERS) {
        throw new ImageError(
          "limit",
          `the archive has more than ${MAX_MEMBERS} files, so it is no image archive`,
        );
      }
      members.set(cleanPath(member.name), member);
    }
    return new TarDirectory(source, members);
  }

  /** Cleaned names of everything in the archive, in its order. */
  names(): Iterable<string> {
    return this.#members.keys();
  }

  /** The member of this very name; links are not followed. */
  member(name: string): TarMember | undefined {
    return this.#members.get(cleanPath(name));
  }

  /** Follows symbolic links (Docker up to 24 writes one for a layer it has already written) and hard links. */
  async find(name: string): Promise<ByteSource | undefined> {
    let current = cleanPath(name);
    for (let links = 0; links <= MAX_LINKS; links++) {
      const member = this.#members.get(current);
      if (member === undefined) return undefined;
      if (member.type === "file") return sourcePart(this.#source, member.offset, member.size);
      if (member.type === "other" || member.type === "directory") {
        throw new ImageError("damaged", `${quote(current)} in the archive is no regular file`, {
          offset: member.offset,
        });
      }
      current = linkTarget(current, member);
    }
    throw new ImageError("damaged", `the link ${quote(name)} in the archive leads in a circle`);
  }

  async read(name: string, maximum: number): Promise<Buffer | undefined> {
    const source = await this.find(name);
    return source === undefined ? undefined : readWhole(source, maximum, quote(name));
  }
}

/** A symbolic link starts at its own folder, a hard link at the root of the archive. */
function linkTarget(name: string, member: TarMember): string {
  if (member.type === "hardlink" || member.linkname.startsWith("/"))
    return cleanPath(member.linkname);
  return cleanPath(`${name}/../${member.linkname}`);
}
