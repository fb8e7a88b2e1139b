import type { z } from "zod";
import { schemaOf } from "./parameters.ts";
import type { JsonSchema } from "./parameters.ts";

/** Keywords of a Swagger 2.0 schema ("Schema Object") that zod writes as well; it knows no others. */
const KEYWORDS = new Set(
  "type format title description default maximum exclusiveMaximum minimum exclusiveMinimum maxLength minLength pattern maxItems minItems uniqueItems required enum".split(
    " ",
  ),
);

/** The schema of a document as far as Swagger 2.0 can say it: of several forms one, if the others are null, else none. */
export function swaggerSchema(schema: z.ZodType, io: "input" | "output"): JsonSchema {
  return plain(schemaOf(schema, io, "draft-4"));
}

function plain(schema: JsonSchema): JsonSchema {
  const { anyOf, oneOf, properties, items, additionalProperties } = schema as {
    readonly anyOf?: readonly JsonSchema[];
    readonly oneOf?: readonly JsonSchema[];
    readonly properties?: Readonly<Record<string, JsonSchema>>;
    readonly items?: JsonSchema | readonly JsonSchema[];
    readonly additionalProperties?: JsonSchema | boolean;
  }; // JSON schema, as zod writes it
  const ways = (anyOf ?? oneOf)?.filter(({ type }) => type !== "null");
  if (ways !== undefined) {
    const [only] = ways;
    return only !== undefined && ways.length === 1 ? { ...plain(only), "x-nullable": true } : {};
  }
  const kept = Object.entries(schema).filter(([keyword]) => KEYWORDS.has(keyword));
  return {
    ...Object.fromEntries(kept),
    ...(properties === undefined
      ? {}
      : {
          properties: Object.fromEntries(
            Object.entries(properties).map(([name, property]) => [name, plain(property)]),
          ),
        }),
    ...(isSchema(items) ? { items: plain(items) } : {}),
    ...(isSchema(additionalProperties)
      ? { additionalProperties: plain(additionalProperties) }
      : {}),
  };
}

function isSchema(value: unknown): value is JsonSchema {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
