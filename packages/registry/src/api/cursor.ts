import type { z } from "zod";
import { RegistryError } from "../http/registry-error.ts";

/**
 * Where a page of a list ends: the values it is sorted by. Not secret, and worth nothing but for the same list.
 *
 * @returns base64url of the JSON
 */
export function encodeCursor(values: unknown): string {
  return Buffer.from(JSON.stringify(values), "utf8").toString("base64url");
}

/**
 * @param text of the parameter `next_page`; undefined: the first page
 * @throws {RegistryError} `PARAMETER_INVALID` for what is no cursor of this list
 */
export function decodeCursor<T>(text: string | undefined, schema: z.ZodType<T>): T | undefined {
  if (text === undefined || text === "") return undefined;
  const parsed = schema.safeParse(parse(text));
  if (parsed.success) return parsed.data;
  throw new RegistryError("PARAMETER_INVALID", "next_page is not of a page of this list", {
    detail: { field: "next_page" },
  });
}

function parse(text: string): unknown {
  try {
    const value: unknown = JSON.parse(Buffer.from(text, "base64url").toString("utf8"));
    // PostgreSQL takes no NUL, and no list is sorted by one.
    return JSON.stringify(value).includes(String.raw`\u0000`) ? undefined : value;
  } catch {
    return undefined;
  }
}

/**
 * One page of entries that were read with one more than asked for.
 *
 * @param cursorOf the values that the list is sorted by
 * @returns `next_page` is missing on the last page
 */
export function pageOf<T>(
  entries: readonly T[],
  limit: number,
  cursorOf: (last: T) => unknown,
): { readonly entries: readonly T[]; readonly next_page?: string } {
  const last = entries.length > limit ? entries[limit - 1] : undefined;
  if (last === undefined) return { entries };
  return { entries: entries.slice(0, limit), next_page: encodeCursor(cursorOf(last)) };
}
