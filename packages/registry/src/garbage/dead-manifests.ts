// Long because it is one thing: from scanned manifests to deleted ones, one repository after the other.
import type { CollectionRun } from "./collection-run.ts";
import {
  deleteManifests,
  findExisting,
  findParents,
  findReferredBlobs,
  lockUntagged,
  scanManifests,
} from "./dead-manifest-store.ts";
import type { ScannedManifest } from "./dead-manifest-store.ts";
import type { GraphNode } from "./manifest-graph-store.ts";
import { PAGE, pages } from "./pages.ts";

/** The repository whose candidates are in the graph. */
type Place = Pick<ScannedManifest, "repositoryId" | "repository" | "keptSince">;

/** Takes the manifests that nothing keeps: docs/decisions/007-leases-against-collection.md. */
export async function collectDeadManifests(run: CollectionRun): Promise<void> {
  const { read } = run.database;
  let place: Place | undefined;
  run.scratch.graph.clear();
  for await (const page of pages<ScannedManifest>(run, (last) =>
    scanManifests(read, run.limits, last),
  )) {
    for (const manifest of page) {
      if (manifest.isCandidate === 0) continue;
      if (run.scratch.presumed.has(manifest.repositoryId)) continue;
      if (place !== undefined && place.repositoryId !== manifest.repositoryId) {
        await collectRepository(run, place);
      }
      place = manifest;
      run.scratch.graph.add(manifest);
    }
  }
  if (place !== undefined) await collectRepository(run, place);
}

async function collectRepository(run: CollectionRun, place: Place): Promise<void> {
  const { graph } = run.scratch;
  for await (const nodes of pages<GraphNode>(run, async (last) => graph.page(last, PAGE))) {
    await linkParents(run, place, nodes);
    await linkSubjects(run, place, nodes);
  }
  await spread(run);
  if (run.isDry) await presumeDead(run, place);
  else await takeDead(run, place);
  graph.clear();
}

async function linkParents(
  run: CollectionRun,
  { repositoryId }: Place,
  nodes: readonly GraphNode[],
): Promise<void> {
  const digests = nodes.map(({ digest }) => digest);
  for await (const links of pages<{ child: string; parent: string }>(run, (last) =>
    findParents(run.database.read, repositoryId, digests, last),
  )) {
    for (const { child, parent } of links) run.scratch.graph.addParent(child, parent);
  }
}

async function linkSubjects(
  run: CollectionRun,
  { repositoryId }: Place,
  nodes: readonly GraphNode[],
): Promise<void> {
  const { graph } = run.scratch;
  const subjects = [...new Set(nodes.flatMap(({ subject }) => subject ?? []))];
  if (subjects.length === 0) return;
  const existing = await findExisting(run.database.read, repositoryId, subjects);
  for (const { digest, subject } of nodes) {
    if (subject !== null && existing.has(subject)) graph.addSubject(digest, subject);
  }
}

async function spread(run: CollectionRun): Promise<void> {
  while (run.scratch.graph.spread()) await run.breathe();
}

/** In a dry run: tells of all dead manifests and remembers what they refer to. */
async function presumeDead(run: CollectionRun, place: Place): Promise<void> {
  const { graph, losses } = run.scratch;
  for await (const nodes of pages<GraphNode>(run, async (last) => graph.dead(last, PAGE))) {
    for (const { digest } of nodes) {
      losses.add("source", 0, digest);
      tell(run, place, digest);
    }
    const digests = nodes.map(({ digest }) => digest);
    for await (const links of pages<{ manifest: string; blob: string }>(run, (last) =>
      findReferredBlobs(run.database.read, place.repositoryId, digests, last),
    )) {
      for (const { blob } of links) losses.add("link", place.repositoryId, blob);
    }
  }
}

/** Takes what nothing waits for, then what is free by that; knots only when nothing else is left. */
async function takeDead(run: CollectionRun, place: Place): Promise<void> {
  const { graph } = run.scratch;
  for (;;) {
    const ready = graph.ready(PAGE);
    const nodes = ready.length > 0 ? ready : graph.knotted(PAGE);
    if (nodes.length === 0) return;
    try {
      const taken = await takeBatch(run, place, nodes, nodes !== ready);
      settle(run, place, nodes, taken);
    } catch (error) {
      run.failed("manifests", undefined, error);
      settle(run, place, nodes, new Set());
    }
    await spread(run);
  }
}

async function takeBatch(
  run: CollectionRun,
  { repositoryId, keptSince }: Place,
  nodes: readonly GraphNode[],
  isKnot: boolean,
): Promise<ReadonlySet<string>> {
  const { dialect } = run.database;
  const limits = { leaseSince: run.limits.leaseSince, keptSince };
  const digests = nodes.map(({ digest }) => digest);
  const subjects = isKnot ? [...new Set(nodes.flatMap(({ subject }) => subject ?? []))] : [];
  return await run.write(async (trx) => {
    const locked = await lockUntagged(trx, dialect, repositoryId, digests, limits);
    if (locked.length === 0) return new Set<string>();
    // What is left of a subject's own life comes from the graph: other manifests of the knot.
    const knotted =
      subjects.length === 0 ? [] : await lockUntagged(trx, dialect, repositoryId, subjects, limits);
    return await deleteManifests(trx, repositoryId, locked, limits, knotted);
  });
}

function settle(
  run: CollectionRun,
  place: Place,
  nodes: readonly GraphNode[],
  taken: ReadonlySet<string>,
): void {
  for (const node of nodes) {
    if (taken.has(node.digest)) {
      run.scratch.graph.take(node);
      tell(run, place, node.digest);
    } else run.scratch.graph.keep(node);
  }
}

function tell(run: CollectionRun, { repository }: Place, digest: string): void {
  run.taken({ kind: "manifests", repository, digest, bytes: 0 });
}
