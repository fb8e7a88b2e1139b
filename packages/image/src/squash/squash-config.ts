import type { Digest } from "../document/digest.ts";
import { ImageError } from "../image-error.ts";

/** Source text of numbers (ECMAScript proposal "JSON.parse source text access"), which TypeScript does not know yet. */
declare global {
  interface JSON {
    parse(
      text: string,
      reviver: (key: string, value: unknown, context: { source?: string }) => unknown,
    ): unknown;
    rawJSON(text: string): object;
    isRawJSON(value: unknown): boolean;
  }
}

/** What happens to the layers of an image. Layers are counted from the bottom. */
export interface ConfigChange {
  /** Number of layers of the source. */
  readonly layers: number;
  /** Layers at the bottom that stay. */
  readonly keep: number;
  /** Layers up to this one became one. */
  readonly to: number;
  /** `keep`: the one entry lists the commands it stands for. `scrub`: it does not, and no command outside the kept layers is left. */
  readonly history: "keep" | "scrub";
}

/** A JSON object whose numbers keep their text. */
type JsonObject = Record<string, unknown>;

/** Fields of the top level that name layers or containers that are gone (`docker save` before 1.10). */
const DROPPED = new Set(["id", "parent", "parent_id", "layer_id", "throwaway"]);
/** Fields that repeat build commands or arguments: of the classic builder, and BuildKit's `moby.buildkit.buildinfo.v1` and cache. */
function isBuildRecord(key: string): boolean {
  return key === "container" || key === "container_config" || key.startsWith("moby.buildkit.");
}

/**
 * Writes the config of a squashed image: `rootfs.diff_ids` and `history` tell the new layers, everything else stays,
 * unknown fields and the text of numbers included (image-spec `config.md`).
 *
 * @param config bytes of the source's config, UTF-8 JSON
 * @param diffIds of all layers of the result, lowest first
 * @returns UTF-8 JSON whose length depends on the number of diffIDs only
 */
export function squashConfig(
  config: Uint8Array,
  diffIds: readonly Digest[],
  change: ConfigChange,
): Uint8Array {
  const source = parseKeepingNumbers(config);
  const result: JsonObject = {};
  for (const [key, value] of Object.entries(source)) {
    if (DROPPED.has(key) || (change.history === "scrub" && isBuildRecord(key))) continue;
    define(result, key, value);
  }
  define(result, "rootfs", {
    ...(isObject(source["rootfs"]) ? source["rootfs"] : {}),
    type: "layers",
    diff_ids: diffIds,
  });
  const history = squashHistory(source, change);
  if (history === undefined) delete result["history"];
  else define(result, "history", history);
  return Buffer.from(JSON.stringify(result), "utf8");
}

/**
 * One honest entry for the squashed steps, in the place of the first of them; entries of layers that stay are not
 * touched. A history that does not fit the layers is replaced by entries that claim nothing.
 */
function squashHistory(source: JsonObject, change: ConfigChange): unknown[] | undefined {
  const { layers, keep, to, history } = change;
  const entries = Array.isArray(source["history"]) ? source["history"].filter(isObject) : [];
  if (keep === to) return entries.length === 0 ? undefined : entries;
  const withLayer = [...entries.keys()].filter((index) => entries[index]?.["empty_layer"] !== true);
  if (withLayer.length !== layers)
    return entries.length === 0 ? undefined : unknownHistory(keep, layers - to, entries);
  const first = keep === 0 ? 0 : (withLayer[keep - 1] ?? 0) + 1;
  const end = to === 0 ? 0 : (withLayer[to - 1] ?? -1) + 1;
  const above = entries
    .slice(end)
    .filter((entry) => history === "keep" || entry["empty_layer"] !== true);
  return [
    ...entries.slice(0, first),
    squashEntry(entries.slice(first, end), to - keep, history),
    ...above,
  ];
}

function squashEntry(
  steps: readonly JsonObject[],
  layers: number,
  history: "keep" | "scrub",
): JsonObject {
  const last = steps.findLast((step) => typeof step["created"] === "string");
  const commands = steps
    .map(({ created_by: command }) => command)
    .filter((command) => typeof command === "string" && command !== "");
  return {
    ...(last === undefined ? {} : { created: last["created"] }),
    created_by: `wharf squash # ${layers} ${layers === 1 ? "layer" : "layers"}`,
    ...(history === "scrub" || commands.length === 0
      ? {}
      : { comment: `squashed: ${commands.join("; ")}` }),
  };
}

function unknownHistory(
  below: number,
  above: number,
  entries: readonly JsonObject[],
): JsonObject[] {
  const unknown = { created_by: "unknown" };
  const squash = {
    created_by: `wharf squash # history of ${entries.length} steps did not fit the layers`,
  };
  return [
    ...Array.from({ length: below }, () => unknown),
    squash,
    ...Array.from({ length: above }, () => unknown),
  ];
}

/** The command that made each layer, lowest first; empty where the history does not tell. */
export function layerCommands(config: Uint8Array, layers: number): string[] {
  const { history } = parseKeepingNumbers(config);
  const entries = Array.isArray(history) ? history.filter(isObject) : [];
  const made = entries.filter((entry) => entry["empty_layer"] !== true);
  if (made.length !== layers) return Array.from({ length: layers }, () => "");
  return made.map(({ created_by: command }) => (typeof command === "string" ? command : ""));
}

function parseKeepingNumbers(config: Uint8Array): JsonObject {
  let value: unknown;
  try {
    const text = new TextDecoder("utf-8", { fatal: true }).decode(config);
    value = JSON.parse(text, (_key, parsed: unknown, context: { source?: string }) =>
      typeof parsed === "number" && context.source !== undefined
        ? JSON.rawJSON(context.source)
        : parsed,
    );
  } catch (error) {
    throw new ImageError("damaged", "the image config is no JSON", { cause: error });
  }
  if (!isObject(value)) throw new ImageError("damaged", "the image config is no JSON object");
  return value;
}

/** Plain assignment would give `__proto__` another meaning. */
function define(object: JsonObject, key: string, value: unknown): void {
  Object.defineProperty(object, key, {
    value,
    enumerable: true,
    configurable: true,
    writable: true,
  });
}

function isObject(value: unknown): value is JsonObject {
  if (typeof value !== "object" || value === null) return false;
  return !Array.isArray(value) && !JSON.isRawJSON(value);
}
