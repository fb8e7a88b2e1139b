import { RegistryError } from "../http/registry-error.ts";

/** What can be downloaded: a squashed image, an image as it is, or the files of one. */
export type DownloadKind = "squash" | "archive" | "rootfs";

/** What a path under `/c1/` names. Names and references are decoded, not yet checked. */
export interface DownloadPath {
  readonly kind: DownloadKind;
  readonly repository: string;
  /** Tags and digests; an archive may have several, separated by commas. Never empty. */
  readonly references: readonly string[];
}

/** Most tags in one archive: the configs of all of them are held in memory. */
const MOST_REFERENCES = 50;

const KINDS: readonly DownloadKind[] = ["squash", "archive", "rootfs"];

/**
 * Reads `/c1/<kind>/<repository>/<tag>`, with `@<digest>` in the place of the tag if wanted, or
 * `/c1/<kind>/<repository>@<digest>`.
 *
 * @param path percent-encoded
 * @throws {RegistryError} NAME_INVALID, or UNSUPPORTED (404) for other paths
 */
export function parseDownloadPath(path: string): DownloadPath {
  const [kindText = "", ...parts] = path.slice("/c1/".length).split("/").map(decode);
  const kind = KINDS.find((known) => known === kindText);
  const last = parts.at(-1) ?? "";
  if (kind === undefined || last === "") {
    throw new RegistryError(
      "UNSUPPORTED",
      "there is no such download; try /c1/squash/<repository>/<tag>",
      { status: 404 },
    );
  }
  const at = last.indexOf("@");
  const before = parts.slice(0, -1);
  const repository = at > 0 ? [...before, last.slice(0, at)].join("/") : before.join("/");
  const references = (at < 0 ? last : last.slice(at + 1)).split(",");
  if (kind !== "archive" && references.length > 1) {
    throw new RegistryError("TAG_INVALID", "only an archive can hold several tags", {
      detail: { tag: last.slice(0, 300) },
    });
  }
  if (references.length > MOST_REFERENCES) {
    throw new RegistryError("TAG_INVALID", `an archive holds at most ${MOST_REFERENCES} tags`, {
      detail: { tags: references.length, limit: MOST_REFERENCES },
    });
  }
  return { kind, repository, references };
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    throw new RegistryError("NAME_INVALID", "the path has a broken percent-encoding", {
      detail: { part: part.slice(0, 300) },
    });
  }
}
