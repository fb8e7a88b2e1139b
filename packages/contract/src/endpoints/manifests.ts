import { z } from "zod";
import { endpoint } from "../endpoint.ts";
import { fileType } from "../image-values.ts";
import { bytes, mailDate, nextPage, page, text, timestamp } from "../values.ts";

/** What stands in the path: a digest, or a tag. */
const BY_TAG = "a tag is taken as well as a digest";

const layer = z.object({
  index: z.int().describe("from 0, the lowest first"),
  compressed_size: bytes,
  is_remote: z.boolean().describe("it need not be in the registry"),
  urls: z.array(z.string()).nullable().describe("where a remote layer can be had"),
  command: z.array(z.string()).nullable().describe("what made it"),
  comment: z.string().nullable(),
  author: z.string().nullable(),
  blob_digest: z.string(),
  created_datetime: mailDate.nullable(),
  media_type: z.string(),
});

const historyEntry = z.object({
  command: z.string().nullable(),
  comment: z.string().nullable(),
  author: z.string().nullable(),
  created: timestamp.nullable(),
  empty_layer: z.boolean(),
  layer: z.int().nullable().describe("index in `layers`; null: it made none, or that is not told"),
});

/** What the config of an image says of the containers that are made of it. */
const imageConfig = z.object({
  env: z.array(z.string()),
  entrypoint: z.array(z.string()).nullable(),
  cmd: z.array(z.string()).nullable(),
  labels: z.record(z.string(), z.string()),
  exposed_ports: z.array(z.string()),
  volumes: z.array(z.string()),
  user: z.string().nullable(),
  working_dir: z.string().nullable(),
  stop_signal: z.string().nullable(),
});

const child = z.object({
  digest: z.string(),
  media_type: z.string(),
  artifact_type: z.string().nullable(),
  platform: z.string().nullable().describe("`os/architecture[/variant]`"),
  size: bytes.nullable().describe("of its config and layers; null: it is not there"),
  present: z.boolean(),
  attestation_of: z
    .string()
    .nullable()
    .describe("digest of the manifest that it tells about, for BuildKit's attestations"),
});

const artifact = z.object({
  kind: z.enum(["signature", "sbom", "attestation", "other"]),
  digest: z.string(),
  media_type: z.string(),
  artifact_type: z.string().nullable(),
  size: bytes.describe("of its config and layers"),
  created: timestamp.describe("when it was pushed"),
  tag: z.string().nullable().describe("under which cosign has attached it; null: by `subject`"),
  annotations: z.record(z.string(), z.string()),
});

const squash = z.object({
  bytes_before: bytes.describe("uncompressed layers"),
  bytes_after: bytes.describe("the one layer of the squashed image"),
  saved_bytes: bytes,
});

export const getRepoManifest = endpoint({
  id: "getRepoManifest",
  method: "GET",
  path: "/api/v1/repository/{repository}/manifest/{manifestref}",
  section: "manifest",
  summary: "Show a manifest: layers, platform, config, children, tags and what is attached to it.",
  right: "repository.read",
  status: 200,
  answer: z.object({
    digest: z.string(),
    is_manifest_list: z.boolean(),
    manifest_data: z.string().describe("as pushed"),
    config_media_type: z.string().nullable(),
    layers_compressed_size: bytes.nullable(),
    layers: z.array(layer).nullable().describe("null for an index"),
    kind: z.enum(["image", "index", "artifact"]),
    media_type: z.string(),
    artifact_type: z.string().nullable(),
    subject: z.string().nullable().describe("digest of the manifest that it is attached to"),
    size: bytes.describe("of the manifest itself"),
    pushed: timestamp,
    annotations: z.record(z.string(), z.string()),
    platform: z.string().nullable().describe("`os/architecture[/variant]`"),
    created: timestamp.nullable().describe("as the config says"),
    author: z.string().nullable(),
    config: imageConfig.nullable().describe("null unless it is an image"),
    history: z.array(historyEntry).describe("every step, those without a layer included"),
    is_sparse: z.boolean().describe("an index some of whose manifests are not there"),
    child_manifest_count: z.int(),
    present_child_count: z.int(),
    child_manifests: z.array(child).describe("at most 500"),
    tags: z.array(z.string()).describe("that point to it now, at most 100"),
    has_more_tags: z.boolean(),
    artifacts: z.array(artifact).describe("signatures, SBOMs and the like, at most 100"),
    has_more_artifacts: z.boolean(),
    squash: squash
      .nullable()
      .describe("what squashing comes to; null as long as nobody has worked it out"),
  }),
  quay: `extended: ${BY_TAG}; platform, config, history, children, tags, artifacts and squashing are told`,
});

export const deleteRepoManifest = endpoint({
  id: "deleteRepoManifest",
  method: "DELETE",
  path: "/api/v1/repository/{repository}/manifest/{manifestref}",
  section: "manifest",
  summary: "Delete a manifest and every tag that points to it; they can be taken back for a while.",
  right: "repository.write",
  status: 204,
  quay: "new: Quay only deletes tags",
});

export const getManifestPullStatistics = endpoint({
  id: "getManifestPullStatistics",
  method: "GET",
  path: "/api/v1/repository/{repository}/manifest/{manifestref}/pull_statistics",
  section: "manifest",
  summary: "Tell how often a manifest was pulled, by whatever name.",
  right: "repository.read",
  status: 200,
  answer: z.object({
    manifest_digest: z.string(),
    manifest_pull_count: z.int(),
    last_manifest_pull_date: mailDate.nullable(),
  }),
  quay: `extended: ${BY_TAG}`,
});

export const getTagPullStatistics = endpoint({
  id: "getTagPullStatistics",
  method: "GET",
  path: "/api/v1/repository/{repository}/tag/{tag}/pull_statistics",
  section: "tag",
  summary: "Tell how often a tag was pulled, and the manifest that it points to.",
  right: "repository.read",
  status: 200,
  answer: z.object({
    tag_name: z.string(),
    tag_pull_count: z.int(),
    last_tag_pull_date: mailDate.nullable(),
    current_manifest_digest: z.string(),
    manifest_pull_count: z.int(),
    last_manifest_pull_date: mailDate.nullable(),
  }),
  quay: "same",
});

export const listManifestFiles = endpoint({
  id: "listManifestFiles",
  method: "GET",
  path: "/api/v1/repository/{repository}/manifest/{manifestref}/files",
  section: "manifest",
  summary: "List a folder of an image, all layers put together.",
  right: "repository.read",
  query: z.object({
    path: text(4096).optional().describe("the folder, from the root; missing: the root"),
    platform: text(200).optional().describe("`os/architecture[/variant]`, for an index"),
    ...page,
  }),
  status: 200,
  answer: z.object({
    path: z.string(),
    manifest_digest: z.string().describe("of the image, for an index"),
    entries: z.array(
      z.object({
        name: z.string(),
        type: fileType,
        size: bytes.describe("of the data of a file"),
        mode: z.string().nullable().describe("octal; null: no layer tells"),
        uid: z.string().nullable(),
        gid: z.string().nullable(),
        modified: timestamp.nullable(),
        target: z.string().nullable().describe("where a symbolic link leads"),
        layer: z.int().describe("index of the layer that has it, from 0"),
        layer_digest: z.string(),
      }),
    ),
    next_page: nextPage,
  }),
  quay: "new: Quay does not look into layers",
});
