import { z } from "zod";
import { endpoint } from "../endpoint.ts";
import { quotaReport } from "../quota-values.ts";
import { avatar, queryBoolean, queryInteger, seconds, text } from "../values.ts";

const entity = z.object({
  name: z.string(),
  kind: z.enum(["user", "team", "org"]),
  is_robot: z.boolean().optional().describe("of users"),
  is_org_member: z.boolean().optional().describe("of the organization `namespace`"),
  avatar,
});

export const getMatchingEntities = endpoint({
  id: "getMatchingEntities",
  method: "GET",
  path: "/api/v1/entities/{prefix}",
  section: "search",
  summary:
    "Find users, robots and teams by the beginning of their names, to choose one: ten of each.",
  right: "account",
  query: z.object({
    namespace: text(255)
      .optional()
      .describe("organization, or your own name, whose robots and teams are found as well"),
    includeTeams: queryBoolean.optional(),
    includeOrgs: queryBoolean.optional().describe("true: the organization itself as well"),
    robots: queryBoolean.optional().describe("false: no robots"),
  }),
  status: 200,
  answer: z.object({ results: z.array(entity) }),
  quay: "extended: needs a login",
});

const foundNamespace = z.object({
  kind: z.enum(["user", "organization"]),
  title: z.enum(["user", "org"]),
  name: z.string(),
  avatar,
  score: z.number(),
  href: z.string(),
});

const foundRepository = z.object({
  kind: z.literal("repository"),
  title: z.literal("repo"),
  namespace: foundNamespace,
  name: z.string().describe("without the namespace"),
  description: z.string(),
  is_public: z.boolean(),
  score: z.number().describe("how well it fits; more is better"),
  href: z.string(),
  last_modified: seconds.nullable().optional().describe("the last push"),
  stars: z.int().optional(),
  popularity: z.number().optional().describe("pulls in the last 90 days"),
  quota_report: quotaReport.optional().describe("with `includeUsage`"),
});

const foundTeam = z.object({
  kind: z.literal("team"),
  name: z.string(),
  organization: foundNamespace,
  avatar,
  score: z.number(),
  href: z.string(),
});

const foundRobot = z.object({
  kind: z.literal("robot"),
  title: z.literal("robot"),
  name: z.string(),
  short_name: z.string(),
  avatar: z.null(),
  score: z.number(),
  href: z.string(),
});

const query = text(255)
  .optional()
  .describe("parts of names, or beginnings of words of descriptions; all words must be found");

export const conductRepoSearch = endpoint({
  id: "conductRepoSearch",
  method: "GET",
  path: "/api/v1/find/repositories",
  section: "search",
  summary: "Find repositories that you may see by name and description.",
  right: "anybody",
  query: z.object({
    query,
    page: queryInteger(1, 10).optional().describe("as Quay counts; `next_page` goes further"),
    includeUsage: queryBoolean.optional().describe("true: with the bytes they use"),
    limit: queryInteger(1, 100).optional().describe("entries of a page; 10 where it is missing"),
    next_page: text(2048).optional().describe("from the page before: where this one begins"),
  }),
  status: 200,
  answer: z.object({
    results: z.array(foundRepository),
    has_additional: z.boolean(),
    page: z.int(),
    page_size: z.int(),
    start_index: z.int(),
    next_page: z.string().optional(),
  }),
  quay: "extended: limit, next_page and includeUsage",
});

export const conductSearch = endpoint({
  id: "conductSearch",
  method: "GET",
  path: "/api/v1/find/all",
  section: "search",
  summary:
    "Find repositories, users, organizations, teams and robots that you may see: some of each, the best first.",
  right: "anybody",
  query: z.object({ query }),
  status: 200,
  answer: z.object({
    results: z.array(
      z.discriminatedUnion("kind", [foundRepository, foundNamespace, foundTeam, foundRobot]),
    ),
  }),
  quay: "same",
});
