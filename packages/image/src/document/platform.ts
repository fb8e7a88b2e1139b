import { ImageError } from "../image-error.ts";
import type { Platform } from "../image.ts";
import type { JsonObject } from "./json-object.ts";
import { quote } from "./quote.ts";

/** Names under which people and kernels know an architecture, and Go's name for it. */
const ARCHITECTURES: Readonly<Record<string, string>> = {
  x86_64: "amd64",
  "x86-64": "amd64",
  x64: "amd64",
  aarch64: "arm64",
  armhf: "arm",
  armel: "arm",
  i386: "386",
  i686: "386",
  ia32: "386",
  ppc64: "ppc64le",
};

/**
 * Reads `os/architecture[/variant]`, for example `linux/arm64`; common aliases such as `x86_64` are understood.
 *
 * @throws {ImageError} `invalid-request`
 */
export function parsePlatform(text: string): Platform {
  const parts = text.trim().toLowerCase().split("/");
  const [os = "", architecture = "", variant] = parts;
  if (parts.length < 2 || parts.length > 3 || parts.some((part) => !/^[a-z0-9_.-]+$/.test(part))) {
    throw new ImageError("invalid-request", `not a platform: ${quote(text)}`, {
      hint: "write os/architecture or os/architecture/variant, for example linux/arm64",
    });
  }
  const known = ARCHITECTURES[architecture] ?? architecture;
  return { os, architecture: known, ...(variant === undefined ? {} : { variant }) };
}

/** `os/architecture[/variant]`. */
export function formatPlatform({ os, architecture, variant }: Platform): string {
  return [os, architecture, ...(variant === undefined ? [] : [variant])].join("/");
}

/** What containers on this machine run on: Linux, also where a virtual machine runs them. */
export function hostPlatform(): Platform {
  return { os: "linux", architecture: ARCHITECTURES[process.arch] ?? process.arch };
}

/**
 * How well a platform fits the wanted one: 0 not at all, higher is better. Without a variant in the wish every
 * variant fits; the usual one (arm: v7, arm64: v8, amd64: v1) fits best, then lower ones from the top.
 */
export function platformFit(wanted: Platform, have: Platform): number {
  if (wanted.os !== have.os || wanted.architecture !== have.architecture) return 0;
  const usual = usualVariant(wanted.architecture);
  const variant = have.variant ?? usual;
  if (wanted.variant !== undefined) return wanted.variant === variant ? 100 : 0;
  if (variant === usual) return 100;
  const level = Number(/^v(\d)$/.exec(variant)?.[1] ?? 0);
  const usualLevel = Number(usual.slice(1));
  return level < usualLevel ? 50 + level : 1;
}

/** The variant an architecture has when none is named (containerd `platforms`, "Normalization"). */
function usualVariant(architecture: string): string {
  if (architecture === "arm") return "v7";
  return architecture === "arm64" ? "v8" : "v1";
}

/** Reads the platform fields of a config or of a descriptor's `platform`; a field may be absent. */
export function readPlatform(object: JsonObject): Partial<Platform> {
  const os = object.string("os");
  const architecture = object.string("architecture");
  const variant = object.string("variant");
  const osVersion = object.string("os.version");
  return {
    ...(os === undefined || os === "" ? {} : { os: os.toLowerCase() }),
    ...(architecture === undefined || architecture === ""
      ? {}
      : { architecture: architecture.toLowerCase() }),
    ...(variant === undefined || variant === "" ? {} : { variant: variant.toLowerCase() }),
    ...(osVersion === undefined || osVersion === "" ? {} : { osVersion }),
  };
}
