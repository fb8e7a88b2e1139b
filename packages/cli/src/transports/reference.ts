// Long because the text of a reference and its meaning belong together: types, reading and writing of one small grammar.
import { stat } from "node:fs/promises";

import { type Digest, ImageError } from "@wharf/image";

import {
  familiarName,
  parseImageName,
  type RegistryHost,
  type RepositoryName,
  type TagName,
} from "./image-name.ts";

/** `docker-archive:PATH[:name:tag]`: a tar file as `docker save` writes it. Path `-` is standard input or output. */
export interface DockerArchiveReference {
  readonly transport: "docker-archive";
  readonly path: string;
  readonly name: string | undefined;
}

/** `oci:DIR[:tag]`: an OCI image layout in a folder. */
export interface OciReference {
  readonly transport: "oci";
  readonly path: string;
  /** `org.opencontainers.image.ref.name`, often a tag alone. */
  readonly name: string | undefined;
}

/** `oci-archive:PATH[:tag]`: an OCI image layout in a tar file. Path `-` is standard input or output. */
export interface OciArchiveReference {
  readonly transport: "oci-archive";
  readonly path: string;
  /** `org.opencontainers.image.ref.name`, often a tag alone. */
  readonly name: string | undefined;
}

/** `docker-daemon:name[:tag|@digest]` or an image id: an image of the local engine, Docker's or podman's. */
export interface EngineReference {
  readonly transport: "docker-daemon";
  /** A name as the engine knows it, or an id: with `sha256:` or 12 to 64 hex digits. */
  readonly name: string;
}

/** `docker://host[:port]/name[:tag|@digest]`: an image in a registry. */
export interface RegistryReference {
  readonly transport: "docker";
  /** `docker.io` for Docker Hub. */
  readonly host: RegistryHost;
  readonly repository: RepositoryName;
  /** Absent only with a digest. */
  readonly tag: TagName | undefined;
  readonly digest: Digest | undefined;
}

/** A bare name of something on disk; what it holds is told by its content. */
export interface PathReference {
  readonly transport: "path";
  readonly path: string;
  readonly kind: "file" | "folder";
}

/** `-`: standard input or output. */
export interface StdioReference {
  readonly transport: "stdio";
}

/** Where an image lives or goes. */
export type Reference =
  | DockerArchiveReference
  | OciReference
  | OciArchiveReference
  | EngineReference
  | RegistryReference
  | PathReference
  | StdioReference;

const TRANSPORTS =
  "transports: docker-archive:PATH[:name:tag], oci:DIR[:tag], oci-archive:PATH[:tag], docker-daemon:name:tag, docker://host/name:tag, - for a pipe";

/** image-spec `annotations.md`, grammar of `org.opencontainers.image.ref.name`. */
const REF_NAME = /^[A-Za-z0-9]+(?:(?:[-._:@+]|--|\/)[A-Za-z0-9]+)*$/;

/** Longest reference anyone needs: PATH_MAX and a name. */
const TEXT_LENGTH = 5000;

/**
 * Reads the SOURCE of a command. A bare name of an existing file or folder is that; any other bare name is an image
 * of the local engine.
 *
 * @example
 *   await parseSource("docker://python:2.7"); // { transport: "docker", host: "docker.io", repository: "library/python", tag: "2.7", ... }
 *
 * @throws {ImageError} `invalid-request` with what is wrong and the list of transports; `not-found` for a bare path
 *   where nothing is
 */
export async function parseSource(text: string): Promise<Reference> {
  const reference = parsePrefixed(text);
  if (reference !== undefined) return reference;
  const kind = await kindOnDisk(text);
  if (kind !== undefined) return { transport: "path", path: text, kind };
  if (looksLikePath(text)) {
    throw new ImageError("not-found", `no file or folder ${JSON.stringify(text)}`, {
      hint: `for an image of the local engine write docker-daemon:NAME; ${TRANSPORTS}`,
    });
  }
  return { transport: "docker-daemon", name: parseEngineName(text) };
}

/**
 * Reads the DESTINATION of a command, by the rules of {@link parseSource}. A bare path (`./x`, `/x`) where nothing is
 * yet is a file; a bare name that could be meant either way (`out.tar`) is an error that names both spellings.
 *
 * @throws {ImageError} `invalid-request` with what is wrong and the list of transports
 */
export async function parseDestination(text: string): Promise<Reference> {
  const reference = parsePrefixed(text);
  if (reference?.transport === "docker" && reference.digest !== undefined) {
    throw new ImageError(
      "invalid-request",
      `cannot write to ${formatReference(reference)}: its content is not known`,
      {
        hint: "name a tag instead of a digest",
      },
    );
  }
  if (reference !== undefined) return reference;
  const kind = await kindOnDisk(text);
  if (kind !== undefined) return { transport: "path", path: text, kind };
  if (/^\.{0,2}\//.test(text))
    return { transport: "path", path: text, kind: text.endsWith("/") ? "folder" : "file" };
  if (looksLikePath(text)) {
    throw new ImageError(
      "invalid-request",
      `${JSON.stringify(text)} may be a file or an image of the engine`,
      {
        hint: `write docker-archive:${text} (or ./${text}) for the file, docker-daemon:${text} for the engine`,
      },
    );
  }
  return { transport: "docker-daemon", name: parseEngineName(text) };
}

/** The text of a reference, such that reading it gives the same reference again. */
export function formatReference(reference: Reference): string {
  switch (reference.transport) {
    case "docker-archive":
    case "oci":
    case "oci-archive":
      return `${reference.transport}:${reference.path}${reference.name === undefined ? "" : `:${reference.name}`}`;
    case "docker-daemon":
      return `docker-daemon:${reference.name}`;
    case "docker":
      return `docker://${familiarName(reference)}`;
    case "path":
      return reference.path;
    case "stdio":
      return "-";
  }
}

/** Which image of the source is meant, if the reference says so: what `selectImage` takes as `name`. */
export function wantedName(reference: Reference): string | undefined {
  return "path" in reference && "name" in reference ? reference.name : undefined;
}

function parsePrefixed(text: string): Reference | undefined {
  if (text.length > TEXT_LENGTH) throw invalid(`${text.slice(0, 60)}...`, "it is too long");
  if (text === "") throw invalid(text, "it is empty");
  if (text.includes("\0")) throw invalid(text, "it holds a NUL");
  if (text === "-") return { transport: "stdio" };
  const [, prefix = "", rest = ""] = /^([a-z][a-z0-9+-]*):(.*)$/s.exec(text) ?? [];
  switch (prefix) {
    case "docker-archive":
      return parseDockerArchive(rest, text);
    case "oci":
    case "oci-archive":
      return { transport: prefix, ...parseOci(rest, text) };
    case "docker-daemon":
      return { transport: prefix, name: parseEngineName(rest) };
    case "docker":
      return parseRegistry(rest, text);
    case "http":
    case "https":
      throw invalid(text, "registries are named without http", "write docker://host/name:tag");
    case "containers-storage":
    case "dir":
    case "ostree":
    case "sif":
    case "tarball":
      // `dir:latest` is a fine image name, `dir:/x` is skopeo's.
      if (prefix === "containers-storage" || rest.includes("/")) {
        throw invalid(
          text,
          `there is no transport ${prefix}`,
          "podman's images: docker-daemon:name:tag",
        );
      }
      return undefined;
    default:
      if (rest.startsWith("//")) throw invalid(text, `there is no transport ${prefix}`);
      return undefined;
  }
}

function parseDockerArchive(rest: string, text: string): DockerArchiveReference {
  const { path, name } = splitPath(rest, text);
  if (name === undefined) return { transport: "docker-archive", path, name };
  const parsed = parseImageName(name);
  if (parsed.digest !== undefined)
    throw invalid(text, "an image in an archive has a tag, no digest");
  return {
    transport: "docker-archive",
    path,
    name: parsed.tag === undefined ? `${name}:latest` : name,
  };
}

function parseOci(rest: string, text: string): { path: string; name: string | undefined } {
  const { path, name } = splitPath(rest, text);
  if (name !== undefined && (name.length > 512 || !REF_NAME.test(name))) {
    throw invalid(text, `${JSON.stringify(name)} is not a reference name of an OCI layout`);
  }
  return { path, name };
}

function parseEngineName(text: string): string {
  // An id; anything shorter than 12 digits is taken for a name.
  if (/^(?:sha256:)?[0-9a-f]{12,64}$/.test(text)) return text;
  const { tag, digest } = parseImageName(text);
  return tag === undefined && digest === undefined ? `${text}:latest` : text;
}

function parseRegistry(rest: string, text: string): RegistryReference {
  if (!rest.startsWith("//")) throw invalid(text, "slashes are missing", `write docker://${rest}`);
  const { host, repository, tag, digest } = parseImageName(rest.slice(2));
  if (tag !== undefined || digest !== undefined)
    return { transport: "docker", host, repository, tag, digest };
  return { transport: "docker", host, repository, tag: "latest" as TagName, digest }; // a tag by its grammar
}

function splitPath(rest: string, text: string): { path: string; name: string | undefined } {
  const colon = rest.indexOf(":");
  const path = colon === -1 ? rest : rest.slice(0, colon);
  if (path === "") throw invalid(text, "the path is missing");
  return { path, name: colon === -1 ? undefined : rest.slice(colon + 1) };
}

async function kindOnDisk(path: string): Promise<"file" | "folder" | undefined> {
  const found = await stat(path).catch(() => undefined);
  if (found === undefined) return undefined;
  return found.isDirectory() ? "folder" : "file";
}

function looksLikePath(text: string): boolean {
  return /^(?:\/|\.|~)/.test(text) || /\.(?:tar|tgz|tar\.gz|tar\.zst|tar\.xz|oci)$/.test(text);
}

function invalid(text: string, why: string, hint: string = TRANSPORTS): ImageError {
  return new ImageError(
    "invalid-request",
    `${JSON.stringify(text)} is not an image reference: ${why}`,
    { hint },
  );
}
