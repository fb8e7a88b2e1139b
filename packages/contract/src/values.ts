import { z } from "zod";

/** Role on a repository. */
export const repositoryRole = z.enum(["read", "write", "admin"]);

/** Role of a team in its organization. */
export const teamRole = z.enum(["member", "creator", "admin"]);

/** Seconds since 1970-01-01 UTC, as Quay writes most times. */
export const seconds = z.int().describe("seconds since 1970-01-01 UTC");

/** Such as `Sat, 21 Nov 2026 10:00:00 -0000`: how Quay writes the other times (RFC 2822). */
export const mailDate = z.string().describe("a time as RFC 2822 writes it");

/** Such as `2026-11-21T10:00:00Z` (RFC 3339). */
export const timestamp = z.iso.datetime({ offset: true });

export const bytes = z.int().min(0).describe("bytes");

/** Text from a person: bounded, and without NUL, which no database takes. */
export function text(longest: number): z.ZodString {
  return (
    z
      .string()
      .max(longest, `must have at most ${longest} characters`)
      // eslint-disable-next-line no-control-regex -- NUL is what is refused
      .regex(/^[^\0]*$/u, "must have no NUL character")
  );
}

/** A number of a query. */
export function queryInteger(min: number, max: number) {
  return z
    .string()
    .regex(/^-?\d{1,15}$/, "must be a whole number")
    .transform(Number)
    .pipe(z.number().min(min).max(max));
}

/** `true` or `false`, and what Python and forms write. */
export const queryBoolean = z
  .enum(["true", "false", "True", "False", "1", "0"], "must be true or false")
  .transform((value) => ["true", "True", "1"].includes(value));

/** Most entries of a page. */
export const MOST_ENTRIES = 100;

/** Most names of repositories that stand beside a member of an organization. */
export const MOST_NAMED = 20;

/** What every list takes: how many, and where it goes on. */
export const page = {
  limit: queryInteger(1, MOST_ENTRIES)
    .optional()
    .describe(`entries of a page, at most ${MOST_ENTRIES}`),
  next_page: z
    .string()
    .max(2048)
    .optional()
    .describe("from the page before: where this one begins"),
} as const;

/** What every list answers with besides its entries: missing on the last page. */
export const nextPage = z
  .string()
  .optional()
  .describe("send it as `next_page` for the next page; missing on the last one");

/** A user, robot, team or organization as it stands beside other things. */
export const avatar = z
  .object({ name: z.string(), hash: z.string(), color: z.string(), kind: z.string() })
  .describe("a picture made from the name; colors as CSS writes them");
