import { z } from "zod";
import { endpoint } from "../endpoint.ts";
import { nextPage, page, text } from "../values.ts";

export const listStarredRepos = endpoint({
  id: "listStarredRepos",
  method: "GET",
  path: "/api/v1/user/starred",
  section: "user",
  summary: "List the repositories that you have starred, as far as you may still see them.",
  right: "self.read",
  query: z.object(page),
  status: 200,
  answer: z.object({
    repositories: z.array(
      z.object({
        namespace: z.string(),
        name: z.string(),
        description: z.string(),
        is_public: z.boolean(),
      }),
    ),
    next_page: nextPage,
  }),
  quay: "extended: limit",
});

export const createStar = endpoint({
  id: "createStar",
  method: "POST",
  path: "/api/v1/user/starred",
  section: "user",
  summary: "Star a repository that you may see.",
  right: "self.admin",
  body: z.object({ namespace: text(255), repository: text(255) }),
  status: 201,
  answer: z.object({ namespace: z.string(), repository: z.string() }),
  quay: "same",
});

export const deleteStar = endpoint({
  id: "deleteStar",
  method: "DELETE",
  path: "/api/v1/user/starred/{repository}",
  section: "user",
  summary: "Take your star from a repository.",
  right: "self.admin",
  status: 204,
  quay: "same",
});
