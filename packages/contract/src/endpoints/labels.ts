import { z } from "zod";
import { endpoint } from "../endpoint.ts";
import { nextPage, page, text } from "../values.ts";

const label = z.object({
  id: z.string().describe("a UUID"),
  key: z.string(),
  value: z.string(),
  source_type: z
    .enum(["manifest", "api", "internal"])
    .describe("`manifest`: pushed with it; `api`: added later; `internal`: the registry's own"),
  media_type: z.string(),
});

const labelMediaType = z
  .enum(["text/plain", "application/json"], "must be text/plain, application/json or null")
  .nullable();

export const listManifestLabels = endpoint({
  id: "listManifestLabels",
  method: "GET",
  path: "/api/v1/repository/{repository}/manifest/{manifestref}/labels",
  section: "manifest",
  summary: "List the labels of a manifest.",
  right: "repository.read",
  query: z.object({
    filter: text(255).optional().describe("only keys that begin with it"),
    ...page,
  }),
  status: 200,
  answer: z.object({ labels: z.array(label), next_page: nextPage }),
  quay: "extended: a tag is taken as well as a digest; with `limit` in pages, otherwise all at once",
});

export const addManifestLabel = endpoint({
  id: "addManifestLabel",
  method: "POST",
  path: "/api/v1/repository/{repository}/manifest/{manifestref}/labels",
  section: "manifest",
  summary: "Add a label to a manifest; `quay.expires-after` makes its tags expire.",
  right: "repository.write",
  body: z.object({
    key: text(255).describe("lower-case letters, digits, `.` and `-`"),
    value: text(16_384),
    media_type: labelMediaType.optional().describe("null: as the value looks"),
  }),
  status: 201,
  answer: z.object({ label }),
  quay: "extended: `quay.expires-after` and `quay.immutable` are taken, as they are from a Dockerfile",
});

export const getManifestLabel = endpoint({
  id: "getManifestLabel",
  method: "GET",
  path: "/api/v1/repository/{repository}/manifest/{manifestref}/labels/{labelid}",
  section: "manifest",
  summary: "Show a label of a manifest.",
  right: "repository.read",
  status: 200,
  answer: label,
  quay: "same",
});

export const deleteManifestLabel = endpoint({
  id: "deleteManifestLabel",
  method: "DELETE",
  path: "/api/v1/repository/{repository}/manifest/{manifestref}/labels/{labelid}",
  section: "manifest",
  summary: "Remove a label that was added by the API.",
  right: "repository.write",
  status: 204,
  quay: "same",
});
