// Long because it is one thing: the document about a manifest, part by part.
import type * as endpoints from "@wharf/contract/endpoints";
import type { z } from "zod";
import { mailDate } from "../../../api/mail-date.ts";
import type { RegistryContext } from "../../../context.ts";
import { squashSavings } from "../../../squash/squash-savings.ts";
import type { StoredManifest } from "../../manifest-store.ts";
import type { Repository } from "../../repository.ts";
import type { ConfigFacts } from "../config-facts.ts";
import { findManifestRow, findTagsOf } from "../detail-store.ts";
import { findArtifacts } from "../find-artifacts.ts";
import { findChildren } from "../find-children.ts";
import { layerSteps } from "../layer-steps.ts";
import type { LayerStep } from "../layer-steps.ts";
import { manifestFacts } from "../manifest-facts.ts";
import type { ContentFacts, ManifestFacts } from "../manifest-facts.ts";
import { readConfig } from "../read-config.ts";

type Document = z.input<NonNullable<typeof endpoints.getRepoManifest.answer>>;

/** Tags and artifacts that are told. */
const MOST_NAMED = 100;

/** Layers and steps of the history that are told: engines stop at 127. */
const MOST_LAYERS = 1_000;

/** All that there is to say about a manifest. */
export async function showManifest(
  context: Pick<RegistryContext, "database" | "store" | "now">,
  repository: Repository,
  manifest: StoredManifest,
): Promise<Document> {
  const { database, now } = context;
  const facts = manifestFacts(manifest);
  const { digest } = manifest;
  const [row, config, children, tags, { artifacts, hasMore }, savings] = await Promise.all([
    findManifestRow(database.read, repository.id, digest),
    facts.kind === "image" && facts.config !== undefined
      ? readConfig(context, repository.id, facts.config.digest)
      : undefined,
    findChildren(context, repository, facts.children),
    findTagsOf(database.read, repository.id, digest, now(), MOST_NAMED + 1),
    findArtifacts(context, repository, digest, MOST_NAMED),
    facts.kind === "image" ? squashSavings(database, facts.layers) : undefined,
  ]);
  const layers = facts.layers.slice(0, MOST_LAYERS);
  const steps = layerSteps(config?.history ?? [], facts.layers.length).slice(0, MOST_LAYERS);
  const madeBy = new Map(steps.map((step) => [step.layer, step]));
  return {
    digest,
    is_manifest_list: facts.kind === "index",
    manifest_data: new TextDecoder().decode(manifest.content),
    config_media_type: facts.config?.mediaType ?? null,
    layers_compressed_size: facts.kind === "index" ? null : sizeOf(facts.layers),
    layers:
      facts.kind === "index"
        ? null
        : layers.map((layer, at) => shownLayer(layer, at, madeBy.get(at))),
    kind: facts.kind,
    media_type: manifest.mediaType,
    artifact_type: facts.kind === "artifact" ? (row?.artifactType ?? null) : null,
    subject: facts.subject ?? null,
    size: manifest.content.length,
    pushed: new Date(row?.createdAt ?? now()).toISOString(),
    annotations: Object.fromEntries(facts.annotations),
    ...shownConfig(facts, config),
    history: steps.map(shownStep),
    is_sparse: children.present < children.count,
    child_manifest_count: children.count,
    present_child_count: children.present,
    child_manifests: children.children.map((child) => ({
      digest: child.digest,
      media_type: child.mediaType,
      artifact_type: child.artifactType ?? null,
      platform: child.platform ?? null,
      size: child.totalSize ?? null,
      present: child.totalSize !== undefined,
      attestation_of: child.attestationOf ?? null,
    })),
    tags: tags.slice(0, MOST_NAMED),
    has_more_tags: tags.length > MOST_NAMED,
    artifacts: artifacts.map((artifact) => ({
      kind: artifact.kind,
      digest: artifact.digest,
      media_type: artifact.mediaType,
      artifact_type: artifact.artifactType,
      size: artifact.totalSize,
      created: new Date(artifact.createdAt).toISOString(),
      tag: artifact.tag,
      annotations: artifact.annotations,
    })),
    has_more_artifacts: hasMore,
    squash:
      savings === undefined
        ? null
        : {
            bytes_before: savings.before,
            bytes_after: savings.after,
            saved_bytes: Math.max(0, savings.before - savings.after),
          },
  };
}

function sizeOf(layers: readonly ContentFacts[]): number {
  return layers.reduce((sum, { size }) => Math.min(Number.MAX_SAFE_INTEGER, sum + size), 0);
}

function shownLayer(layer: ContentFacts, index: number, step: LayerStep | undefined) {
  return {
    index,
    compressed_size: layer.size,
    is_remote: layer.urls.length > 0,
    urls: layer.urls.length > 0 ? [...layer.urls] : null,
    command: step?.command === undefined ? null : [step.command],
    comment: step?.comment ?? null,
    author: step?.author ?? null,
    blob_digest: layer.digest,
    created_datetime: step?.created === undefined ? null : mailDate(step.created),
    media_type: layer.mediaType,
  };
}

function shownStep({ command, comment, author, created, isEmpty, layer }: LayerStep) {
  return {
    command: command ?? null,
    comment: comment ?? null,
    author: author ?? null,
    created: created === undefined ? null : new Date(created).toISOString(),
    empty_layer: isEmpty,
    layer: layer ?? null,
  };
}

function shownConfig({ kind }: ManifestFacts, facts: ConfigFacts | undefined) {
  if (kind !== "image" || facts === undefined) {
    return { platform: null, created: null, author: null, config: null };
  }
  return {
    platform: facts.platform ?? null,
    created: facts.created === undefined ? null : new Date(facts.created).toISOString(),
    author: facts.author ?? null,
    config: {
      env: [...facts.env],
      entrypoint: facts.entrypoint === undefined ? null : [...facts.entrypoint],
      cmd: facts.cmd === undefined ? null : [...facts.cmd],
      labels: Object.fromEntries(facts.labels),
      exposed_ports: [...facts.exposedPorts],
      volumes: [...facts.volumes],
      user: facts.user ?? null,
      working_dir: facts.workingDir ?? null,
      stop_signal: facts.stopSignal ?? null,
    },
  };
}
