import { z } from "zod";
import { endpoint } from "../endpoint.ts";
import { fileType } from "../image-values.ts";
import { bytes, nextPage, page, text } from "../values.ts";

/** One side of a comparison. */
const side = z.object({
  repository: z.string(),
  reference: z.string().describe("as it was asked for"),
  manifest_digest: z.string().describe("of the image, for an index"),
  platform: z.string(),
  created: z.string().nullable(),
  layers: z.int(),
  compressed_size: bytes.describe("config and layers as they are stored"),
  size: bytes.describe("uncompressed layers"),
  files: z.int().describe("entries of all layers put together, directories included"),
  file_bytes: bytes.describe("data of all files, each file with several names once per name"),
});

const changedText = z.object({ base: z.string().nullable(), head: z.string().nullable() });
const changedList = z.object({
  base: z.array(z.string()).nullable(),
  head: z.array(z.string()).nullable(),
});
const changedNames = z.object({ added: z.array(z.string()), removed: z.array(z.string()) });
const changedValues = z.object({
  added: z.record(z.string(), z.string()),
  removed: z.record(z.string(), z.string()),
  changed: z.record(z.string(), z.object({ base: z.string(), head: z.string() })),
});

const configChanges = z.object({
  env: changedValues,
  labels: changedValues,
  exposed_ports: changedNames,
  volumes: changedNames,
  entrypoint: changedList.nullable().describe("null: the same; so with those below"),
  cmd: changedList.nullable(),
  user: changedText.nullable(),
  working_dir: changedText.nullable(),
  stop_signal: changedText.nullable(),
});

const comparedLayer = z.object({
  status: z.enum(["shared", "added", "removed"]),
  digest: z.string(),
  compressed_size: bytes,
  size: bytes.describe("uncompressed"),
  command: z.string().nullable(),
  base_index: z.int().nullable(),
  head_index: z.int().nullable(),
});

const totals = z.object({ count: z.int(), bytes: bytes.describe("data of files") });

/**
 * What is another. `content`: other bytes, which is certain. `time`: a file of the same length in another layer with
 * another time of modification: its bytes may be others, nobody has looked.
 */
const difference = z.enum([
  "type",
  "content",
  "time",
  "mode",
  "owner",
  "target",
  "device",
  "xattrs",
]);

const changedFile = z.object({
  path: z.string().describe("from the root; bytes that are not UTF-8 as `\\xNN`"),
  kind: z.enum(["added", "removed", "changed"]),
  type: fileType.describe("in the head, or in the base where it was removed"),
  base_size: bytes.nullable().describe("null: not there; 0 for what has no data"),
  head_size: bytes.nullable(),
  changes: z.array(difference).describe("empty unless it was changed"),
});

export const compareManifests = endpoint({
  id: "compareManifests",
  method: "GET",
  path: "/api/v1/repository/{repository}/compare",
  section: "manifest",
  summary: "Compare two images: config, layers, and files added, removed and changed.",
  right: "repository.read",
  query: z.object({
    base: text(200).describe("tag or digest of what it was"),
    head: text(200).describe("tag or digest of what it is"),
    base_repository: text(255).optional().describe("full name; missing: the same repository"),
    platform: text(200)
      .optional()
      .describe("`os/architecture[/variant]`; missing: the only one, else linux/amd64"),
    kind: z
      .enum(["added", "removed", "changed"], "must be added, removed or changed")
      .optional()
      .describe("only such files"),
    ...page,
  }),
  status: 200,
  answer: z.object({
    base: side,
    head: side,
    same_image: z.boolean().describe("both have the same digest"),
    config: configChanges,
    layers: z.array(comparedLayer),
    summary: z.object({
      added: totals,
      removed: totals,
      changed: totals.describe("`bytes`: of the changed files in the head"),
      bytes_difference: z.int().describe("data of all files in the head less those in the base"),
      differing: z
        .record(difference, z.int())
        .describe("of the changed ones, by what is another; one file may count several times"),
    }),
    files: z.array(changedFile).describe("in the order of their paths"),
    files_truncated: z.boolean().describe("there are more than can be listed; the summary has all"),
    next_page: nextPage,
  }),
  quay: "new: Quay does not compare images",
});
