import { type Digest, ImageError, parseDigest } from "@wharf/image";

/** Host and port of a registry as people write it: `docker.io`, `localhost:5000`, `[::1]:5000`. */
export type RegistryHost = string & { readonly __brand: "RegistryHost" };
/** Path of a repository within its registry: `library/python`, `team/app`. */
export type RepositoryName = string & { readonly __brand: "RepositoryName" };
/** The part after the colon: `2.7`. */
export type TagName = string & { readonly __brand: "TagName" };

/** The name of an image with Docker Hub's short forms written out: `python:2.7` is `docker.io/library/python:2.7`. */
export interface ImageName {
  readonly host: RegistryHost;
  readonly repository: RepositoryName;
  readonly tag: TagName | undefined;
  readonly digest: Digest | undefined;
}

/** Longest repository name (distribution/reference, `NameTotalLengthMax`). */
const NAME_LENGTH = 255;

// The grammar of distribution/reference (reference.go, regexp.go), piece by piece.
const LABEL = "(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9])";
const HOST = new RegExp(
  String.raw`^(?:${LABEL}(?:\.${LABEL})*|\[[a-fA-F0-9:]+\])(?::[0-9]{1,5})?$`,
);
const COMPONENT = "[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*";
const REPOSITORY = new RegExp(`^${COMPONENT}(?:/${COMPONENT})*$`);
const TAG = /^[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}$/;

/**
 * Reads `[host[:port]/]name[:tag][@digest]`.
 *
 * @throws {ImageError} `invalid-request` that says which part is wrong
 */
export function parseImageName(text: string): ImageName {
  if (text === "") throw new ImageError("invalid-request", "the name of an image is missing");
  const [beforeDigest, digestText] = cut(text, text.indexOf("@"));
  // A colon before the last slash belongs to the port.
  const colon = beforeDigest.lastIndexOf(":");
  const [name, tag] = cut(beforeDigest, colon > beforeDigest.lastIndexOf("/") ? colon : -1);
  const { host, path } = splitHost(name);
  if (!HOST.test(host)) throw invalid(text, `${JSON.stringify(host)} is not the name of a host`);
  return {
    host: host as RegistryHost, // checked just above
    repository: parseRepository(path, text),
    tag: tag === undefined ? undefined : parseTag(tag, text),
    digest: digestText === undefined ? undefined : readDigest(digestText, text),
  };
}

/** Checks a tag. `text` is what it stands in, for the message. */
export function parseTag(tag: string, text: string = tag): TagName {
  if (TAG.test(tag)) return tag as TagName; // checked just here
  throw invalid(
    text,
    `${JSON.stringify(tag)} is not a tag: 1 to 128 letters, digits, '_', '.' and '-', the first no '.' or '-'`,
  );
}

/** The short form people know: without `docker.io/` and `library/`. */
export function familiarName(name: ImageName): string {
  const path =
    name.host === "docker.io"
      ? name.repository.replace(/^library\/(?=[^/]+$)/, "")
      : `${name.host}/${name.repository}`;
  return (
    path +
    (name.tag === undefined ? "" : `:${name.tag}`) +
    (name.digest === undefined ? "" : `@${name.digest}`)
  );
}

/** distribution/reference, `splitDockerDomain`: the first part is a host if it cannot be a name on Docker Hub. */
function splitHost(name: string): { host: string; path: string } {
  const slash = name.indexOf("/");
  const first = slash === -1 ? "" : name.slice(0, slash);
  const isHost = /[.:]/.test(first) || first === "localhost" || first.toLowerCase() !== first;
  const host = isHost ? first : "docker.io";
  const path = isHost ? name.slice(slash + 1) : name;
  if (host !== "docker.io" && host !== "index.docker.io") return { host, path };
  return { host: "docker.io", path: path.includes("/") ? path : `library/${path}` };
}

function parseRepository(path: string, text: string): RepositoryName {
  if (path.length > NAME_LENGTH)
    throw invalid(text, `the name is longer than ${NAME_LENGTH} characters`);
  if (path === "library/") throw invalid(text, "the name is empty");
  if (/[A-Z]/.test(path)) throw invalid(text, "names are written in lower case");
  if (REPOSITORY.test(path)) return path as RepositoryName; // checked just here
  throw invalid(
    text,
    `${JSON.stringify(path)} is not a name: lower-case letters and digits, separated by '/', '.', '_', '__' or '-'`,
  );
}

function readDigest(digest: string, text: string): Digest {
  try {
    return parseDigest(digest);
  } catch (cause) {
    throw new ImageError(
      "invalid-request",
      `${shown(text)} is not the name of an image: ${messageOf(cause)}`,
      {
        cause,
      },
    );
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function invalid(text: string, why: string): ImageError {
  return new ImageError("invalid-request", `${shown(text)} is not the name of an image: ${why}`);
}

function shown(text: string): string {
  return JSON.stringify(text.length > 300 ? `${text.slice(0, 300)}...` : text);
}

function cut(text: string, at: number): [string, string | undefined] {
  return at === -1 ? [text, undefined] : [text.slice(0, at), text.slice(at + 1)];
}
