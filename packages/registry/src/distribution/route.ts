import { RegistryError } from "../http/registry-error.ts";

/** What a path under `/v2/` names (distribution-spec, "Endpoints"). Names and references are decoded, not yet checked. */
export type Route =
  | { readonly kind: "base" }
  | { readonly kind: "token" }
  | { readonly kind: "catalog" }
  | { readonly kind: "tags"; readonly name: string }
  | { readonly kind: "manifest"; readonly name: string; readonly reference: string }
  | { readonly kind: "referrers"; readonly name: string; readonly digest: string }
  | { readonly kind: "blob"; readonly name: string; readonly digest: string }
  | { readonly kind: "uploads"; readonly name: string }
  | { readonly kind: "upload"; readonly name: string; readonly id: string };

/**
 * Reads a path. It is read from its end, because a repository's name may hold any of the words itself:
 * `/v2/team/blobs/manifests/latest` is the tag `latest` of `team/blobs`.
 *
 * @param path begins with `/v2`, percent-encoded
 * @returns undefined when no endpoint has this form
 * @throws {RegistryError} NAME_INVALID for an encoding that is broken or hides a slash
 */
export function parseRoute(path: string): Route | undefined {
  if (path === "/v2/" || path === "/v2") return { kind: "base" };
  if (path === "/v2/auth") return { kind: "token" };
  if (path === "/v2/_catalog") return { kind: "catalog" };
  const parts = path.slice("/v2/".length).split("/").map(decode);
  const last = parts.at(-1) ?? "";
  const before = parts.at(-2);
  if (before === "manifests") return { kind: "manifest", name: nameOf(parts, 2), reference: last };
  if (before === "uploads" && parts.at(-3) === "blobs") {
    const name = nameOf(parts, 3);
    return last === "" ? { kind: "uploads", name } : { kind: "upload", name, id: last };
  }
  // Some clients leave the last slash out.
  if (before === "blobs" && last === "uploads") return { kind: "uploads", name: nameOf(parts, 2) };
  if (before === "blobs") return { kind: "blob", name: nameOf(parts, 2), digest: last };
  if (before === "referrers") return { kind: "referrers", name: nameOf(parts, 2), digest: last };
  if (before === "tags" && last === "list") return { kind: "tags", name: nameOf(parts, 2) };
  return undefined;
}

function nameOf(parts: readonly string[], dropped: number): string {
  return parts.slice(0, -dropped).join("/");
}

function decode(part: string): string {
  if (!part.includes("%")) return part;
  let text: string;
  try {
    text = decodeURIComponent(part);
  } catch {
    throw new RegistryError("NAME_INVALID", "the path has a broken percent-encoding", {
      detail: { part },
    });
  }
  if (text.includes("/")) {
    throw new RegistryError("NAME_INVALID", "a component of the path has an encoded slash", {
      detail: { part },
    });
  }
  return text;
}
