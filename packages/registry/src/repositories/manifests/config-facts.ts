import { JsonObject } from "@wharf/image";
import { platformText } from "./platform-text.ts";
import { tolerant } from "./tolerant.ts";

/** Bytes of a config that are read; longer ones count as telling nothing. */
export const CONFIG_BYTES = 4 * 1024 * 1024;

/** What the config of an image says of it, as far as it can be understood: a hostile one says less, and is no error. */
export interface ConfigFacts {
  /** `os/architecture[/variant]`. */
  readonly platform: string | undefined;
  /** Milliseconds since 1970. */
  readonly created: number | undefined;
  readonly author: string | undefined;
  readonly env: readonly string[];
  readonly entrypoint: readonly string[] | undefined;
  readonly cmd: readonly string[] | undefined;
  readonly labels: ReadonlyMap<string, string>;
  readonly exposedPorts: readonly string[];
  readonly volumes: readonly string[];
  readonly user: string | undefined;
  readonly workingDir: string | undefined;
  readonly stopSignal: string | undefined;
  readonly history: readonly HistoryStep[];
}

/** One entry of the history (image-spec `config.md`, "history"). */
export interface HistoryStep {
  readonly command: string | undefined;
  readonly comment: string | undefined;
  readonly author: string | undefined;
  /** Milliseconds since 1970. */
  readonly created: number | undefined;
  /** It made no layer. */
  readonly isEmpty: boolean;
}

/**
 * Reads a config of OCI or Docker, field by field.
 *
 * @returns undefined for what is no JSON object
 */
export function configFacts(bytes: Uint8Array): ConfigFacts | undefined {
  const document = tolerant(() =>
    JsonObject.parse(bytes, "the config", { jsonBytes: CONFIG_BYTES }),
  );
  if (document === undefined) return undefined;
  const config = objectIn(document, "config");
  return {
    platform: platformText(
      textIn(document, "os"),
      textIn(document, "architecture"),
      textIn(document, "variant"),
    ),
    created: timeIn(document, "created"),
    author: textIn(document, "author"),
    env: listIn(config, "Env") ?? [],
    entrypoint: listIn(config, "Entrypoint"),
    cmd: listIn(config, "Cmd"),
    labels: textsIn(config, "Labels"),
    exposedPorts: namesIn(config, "ExposedPorts"),
    volumes: namesIn(config, "Volumes"),
    user: textIn(config, "User"),
    workingDir: textIn(config, "WorkingDir"),
    stopSignal: textIn(config, "StopSignal"),
    history: historyOf(document),
  };
}

function historyOf(document: JsonObject): HistoryStep[] {
  const steps = tolerant(() => document.objects("history")) ?? [];
  return steps.map((step) => ({
    command: textIn(step, "created_by"),
    comment: textIn(step, "comment"),
    author: textIn(step, "author"),
    created: timeIn(step, "created"),
    isEmpty: step.fields["empty_layer"] === true,
  }));
}

/** An empty text says nothing. Halves of characters are replaced: not every database keeps them. */
function textIn(object: JsonObject | undefined, key: string): string | undefined {
  const text = tolerant(() => object?.string(key));
  return text === undefined || text === "" ? undefined : text.toWellFormed();
}

function listIn(object: JsonObject | undefined, key: string): string[] | undefined {
  if (object?.has(key) !== true) return undefined;
  return tolerant(() => object.strings(key))?.map((text) => text.toWellFormed());
}

/** Docker writes a set as an object whose values are empty. */
function namesIn(object: JsonObject | undefined, key: string): string[] {
  return Object.keys(objectIn(object, key)?.fields ?? {})
    .map((name) => name.toWellFormed())
    .toSorted();
}

function textsIn(object: JsonObject | undefined, key: string): Map<string, string> {
  const texts = new Map<string, string>();
  for (const [name, value] of Object.entries(objectIn(object, key)?.fields ?? {})) {
    if (typeof value === "string") texts.set(name.toWellFormed(), value.toWellFormed());
  }
  return texts;
}

function objectIn(object: JsonObject | undefined, key: string): JsonObject | undefined {
  return tolerant(() => object?.object(key));
}

function timeIn(object: JsonObject, key: string): number | undefined {
  const time = Date.parse(textIn(object, key)?.slice(0, 100) ?? "");
  return Number.isNaN(time) ? undefined : time;
}
