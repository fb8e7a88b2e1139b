/** The parts of an image name such as `registry.example.com:5000/team/app:1.2@sha256:…`. */
export interface ImageName {
  /** Registry, `docker.io` when the name has none. */
  readonly registry: string;
  /** Path within the registry, with `library/` for the official images of Docker Hub. */
  readonly repository: string;
  readonly tag: string | undefined;
  readonly digest: string | undefined;
}

/** Takes a name apart by the rules of Docker (`distribution/reference`, "familiar names"). Never fails. */
export function splitImageName(text: string): ImageName {
  const at = text.indexOf("@");
  const digest = at < 0 ? undefined : text.slice(at + 1);
  const rest = at < 0 ? text : text.slice(0, at);
  const colon = rest.lastIndexOf(":");
  const hasTag = colon > rest.lastIndexOf("/");
  const path = hasTag ? rest.slice(0, colon) : rest;
  const tag = hasTag ? rest.slice(colon + 1) : undefined;
  const slash = path.indexOf("/");
  const first = slash < 0 ? "" : path.slice(0, slash);
  const isRegistry = first === "localhost" || /[.:A-Z]/.test(first);
  const registry = !isRegistry || first === "index.docker.io" ? "docker.io" : first;
  const repository = isRegistry ? path.slice(slash + 1) : path;
  const official = registry === "docker.io" && !repository.includes("/");
  return { registry, repository: official ? `library/${repository}` : repository, tag, digest };
}

/** The full form that equal names share; `:latest` where neither tag nor digest is named. */
export function canonicalImageName(text: string): string {
  const { registry, repository, tag, digest } = splitImageName(text);
  const base = `${registry}/${repository}`;
  if (digest !== undefined) return `${base}@${digest}`;
  return `${base}:${tag ?? "latest"}`;
}

/** The short form that Docker shows: `docker.io/library/python:2.7` becomes `python:2.7`. */
export function familiarImageName(text: string): string {
  return text.replace(/^(?:index\.)?docker\.io\/(?:library\/(?=[^/]+$))?/, "");
}

/** A path as Docker allows it (`distribution/reference`, grammar of `path`). */
const REPOSITORY =
  /^[a-z0-9]+(?:(?:__|[._]|-+)[a-z0-9]+)*(?:\/[a-z0-9]+(?:(?:__|[._]|-+)[a-z0-9]+)*)*$/;
const TAG = /^\w[\w.-]{0,127}$/;

/** Whether a name has a repository and a tag, as a `RepoTags` entry of a docker-archive must. */
export function isTaggedName(text: string): boolean {
  const { repository, tag, digest } = splitImageName(text);
  return digest === undefined && tag !== undefined && TAG.test(tag) && REPOSITORY.test(repository);
}
