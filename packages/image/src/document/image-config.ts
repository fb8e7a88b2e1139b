import type { Digest } from "./digest.ts";
import { parseDigest } from "./digest.ts";
import { ImageError } from "../image-error.ts";
import type { Platform } from "../image.ts";
import { JsonObject } from "./json-object.ts";
import type { Limits } from "../limits.ts";
import { readPlatform } from "./platform.ts";
import { quote } from "./quote.ts";

/** The parts of an image config that say what the image is (image-spec `config.md`). */
export interface ImageConfig {
  /** All fields as parsed, unknown ones included. */
  readonly fields: Readonly<Record<string, unknown>>;
  readonly platform: Platform;
  /** Digests of the uncompressed layers, lowest first. */
  readonly diffIds: readonly Digest[];
}

/**
 * Reads and checks a config. A history that does not match the layers is no fault.
 *
 * @param bytes the config as stored
 * @param what what it is, for messages
 * @throws {ImageError} `damaged`, `limit`, or `unsupported` for Windows
 */
export function parseImageConfig(bytes: Uint8Array, what: string, limits?: Limits): ImageConfig {
  const config = JsonObject.parse(bytes, what, limits);
  const rootfs = config.requiredObject("rootfs");
  const type = rootfs.string("type") ?? "layers";
  if (type !== "layers") {
    throw new ImageError(
      "unsupported",
      `${what}: the root file system has type ${quote(type)}, only "layers" is known`,
    );
  }
  const diffIds = rootfs.strings("diff_ids").map(parseDigest);
  return { fields: config.fields, platform: configPlatform(config), diffIds };
}

/** Images from before the fields existed are for Linux on amd64. */
export function configPlatform(config: JsonObject): Platform {
  const platform: Platform = { os: "linux", architecture: "amd64", ...readPlatform(config) };
  refuseWindows(platform, config.what);
  return platform;
}

/** Windows layers hold registry hives and security descriptors; none of the rules of flattening fits them. */
export function refuseWindows(platform: Partial<Platform>, what: string): void {
  if (platform.os === "windows") {
    throw new ImageError(
      "unsupported",
      `${what}: the image is for Windows, only Linux images can be read`,
    );
  }
}
