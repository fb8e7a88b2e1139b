import { RegistryError } from "../http/registry-error.ts";
import type { Encoding } from "./squashed-layers.ts";

/** What a download is asked for with, beside its path. */
export interface DownloadOptions {
  /** `os/architecture[/variant]`, not yet checked. */
  readonly platform: string | undefined;
  /** Which layers stay: a number, a digest or a tag; not yet checked. */
  readonly from: string | undefined;
  /** Of layers; undefined: not said. */
  readonly compression: Encoding | undefined;
  readonly format: "docker-archive" | "oci";
}

/** @throws {RegistryError} PARAMETER_INVALID naming the parameter and what it may be */
export function downloadOptions(query: URLSearchParams): DownloadOptions {
  return {
    platform: text(query, "platform"),
    from: text(query, "from"),
    compression: choice(query, "compression", ["none", "gzip", "zstd"]),
    format: choice(query, "format", ["docker-archive", "oci"]) ?? "docker-archive",
  };
}

/** @throws {RegistryError} PARAMETER_INVALID when a parameter was given that has no meaning here */
export function refuseParameter(name: string, value: unknown, why: string): void {
  if (value === undefined) return;
  throw new RegistryError("PARAMETER_INVALID", `${name} ${why}`, { detail: { parameter: name } });
}

function text(query: URLSearchParams, name: string): string | undefined {
  const values = query.getAll(name).filter((value) => value !== "");
  if (values.length > 1) {
    throw new RegistryError("PARAMETER_INVALID", `${name} is given more than once`, {
      detail: { parameter: name },
    });
  }
  return values[0];
}

function choice<T extends string>(
  query: URLSearchParams,
  name: string,
  choices: readonly T[],
): T | undefined {
  const value = text(query, name);
  if (value === undefined) return undefined;
  const known = choices.find((candidate) => candidate === value);
  if (known !== undefined) return known;
  throw new RegistryError("PARAMETER_INVALID", `${name} must be one of ${choices.join(", ")}`, {
    detail: { parameter: name, value: value.slice(0, 200) },
  });
}
