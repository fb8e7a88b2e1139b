import type pg from "pg";

/** Object identifiers of types (pg_type.dat). */
const INT8 = 20;
const NUMERIC = 1700;
const BYTEA = 17;

type Parse = (text: string) => unknown;

/**
 * Makes values come as SQLite gives them: integers and sums of integers as numbers (pg hands out strings), bytes as a
 * plain Uint8Array.
 *
 * @param types of pg, what all others are left to
 */
export function columnValues(types: pg.CustomTypesConfig): pg.CustomTypesConfig {
  // Both casts: its overloads list formats and types one by one.
  const parserOf = types.getTypeParser as (oid: number, format: string) => Parse;
  const getTypeParser = (oid: number, format = "text"): Parse => {
    const parse = parserOf(oid, format);
    if (format !== "text") return parse;
    if (oid === INT8) return parseInteger;
    if (oid === NUMERIC) return Number;
    return oid === BYTEA ? (text) => plainBytes(parse(text)) : parse;
  };
  return { getTypeParser: getTypeParser as pg.CustomTypesConfig["getTypeParser"] };
}

/** @throws {RangeError} for what a number does not hold exactly, as node:sqlite does */
function parseInteger(text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value)) throw new RangeError(`the integer ${text} is too large`);
  return value;
}

function plainBytes(value: unknown): unknown {
  if (!Buffer.isBuffer(value)) return value;
  return new Uint8Array(value.buffer, value.byteOffset, value.byteLength);
}
