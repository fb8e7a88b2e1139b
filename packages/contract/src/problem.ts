import { z } from "zod";

/** The body of every refusal of the API: `application/problem+json` (RFC 9457), with Quay's fields beside it. */
export const problem = z.object({
  type: z.string().describe("URL of a page about this kind of error"),
  title: z.string(),
  status: z.int(),
  detail: z.string().describe("what is wrong, for a person"),
  error_type: z.string().describe("as in `type`"),
  error_message: z.string().describe("as `detail`"),
  code: z.string().describe("code of docs/errors.md"),
  field: z.string().optional().describe("which parameter or field of the body is wrong"),
  request_id: z.string().describe("the log of the registry has more under this id"),
});

export type Problem = z.output<typeof problem>;
