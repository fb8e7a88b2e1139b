import type { Digest } from "./digest.ts";
import { parseDigest } from "./digest.ts";
import { ImageError } from "../image-error.ts";
import type { Limits } from "../limits.ts";
import { parseJson } from "./parse-json.ts";
import { quote } from "./quote.ts";

/**
 * A JSON object from outside whose fields are checked as they are read. `null` counts as absent, because Go writes
 * empty lists and maps that way. Every method throws an {@link ImageError} `damaged` for a field of another type.
 */
export class JsonObject {
  /** The fields as parsed, unknown ones included. */
  readonly fields: Readonly<Record<string, unknown>>;
  /** What it is, for messages. */
  readonly what: string;

  /** @throws {ImageError} `damaged` when the value is no object */
  constructor(value: unknown, what: string) {
    if (typeof value !== "object" || value === null || Array.isArray(value)) {
      throw new ImageError("damaged", `${what} is ${typeName(value)}, an object is needed`);
    }
    this.fields = value as Record<string, unknown>; // an object that is no array has string keys
    this.what = what;
  }

  static parse(bytes: Uint8Array, what: string, limits?: Pick<Limits, "jsonBytes">): JsonObject {
    return new JsonObject(parseJson(bytes, what, limits), what);
  }

  has(key: string): boolean {
    return this.#get(key) !== undefined;
  }

  string(key: string): string | undefined {
    const value = this.#get(key);
    if (value !== undefined && typeof value !== "string") throw this.#wrong(key, value, "a string");
    return value;
  }

  requiredString(key: string): string {
    return this.string(key) ?? this.#missing(key);
  }

  digest(key: string): Digest {
    return parseDigest(this.requiredString(key));
  }

  /** A size or version: an integer, not negative. */
  integer(key: string): number | undefined {
    const value = this.#get(key);
    if (
      value !== undefined &&
      !(typeof value === "number" && Number.isSafeInteger(value) && value >= 0)
    ) {
      throw this.#wrong(key, value, "an integer that is not negative");
    }
    return value;
  }

  strings(key: string): string[] {
    return this.#array(key).map((value) => {
      if (typeof value !== "string") throw this.#wrong(key, value, "a list of strings");
      return value;
    });
  }

  /** An object of strings, such as annotations. */
  stringMap(key: string): Readonly<Record<string, string>> | undefined {
    const map = this.object(key);
    if (map === undefined) return undefined;
    const entries = Object.entries(map.fields).map(([name, value]): [string, string] => {
      if (typeof value !== "string") throw map.#wrong(name, value, "a string");
      return [name, value];
    });
    return Object.fromEntries(entries);
  }

  object(key: string): JsonObject | undefined {
    const value = this.#get(key);
    return value === undefined ? undefined : new JsonObject(value, `${this.what}: ${quote(key)}`);
  }

  requiredObject(key: string): JsonObject {
    return this.object(key) ?? this.#missing(key);
  }

  objects(key: string): JsonObject[] {
    return this.#array(key).map(
      (value, index) => new JsonObject(value, `${this.what}: ${quote(key)}[${index}]`),
    );
  }

  #array(key: string): readonly unknown[] {
    const value = this.#get(key);
    if (value === undefined) return [];
    if (!Array.isArray(value)) throw this.#wrong(key, value, "a list");
    return value;
  }

  #get(key: string): unknown {
    return Object.hasOwn(this.fields, key) ? (this.fields[key] ?? undefined) : undefined;
  }

  #missing(key: string): never {
    throw new ImageError("damaged", `${this.what} has no ${quote(key)}`);
  }

  #wrong(key: string, value: unknown, needed: string): ImageError {
    return new ImageError(
      "damaged",
      `${this.what}: ${quote(key)} is ${typeName(value)}, ${needed} is needed`,
    );
  }
}

function typeName(value: unknown): string {
  if (value === null) return "null";
  if (Array.isArray(value)) return "a list";
  if (typeof value === "object") return "an object";
  if (typeof value === "string") return `the string ${quote(value)}`;
  return `the ${typeof value} ${JSON.stringify(value)}`;
}
