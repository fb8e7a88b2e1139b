// Each module is loaded with the first task that needs it: a thread that only verifies starts faster.
import type { FolderPage, FolderRequest } from "../compare/list-folder.ts";
import type { ComparedIndexes } from "../compare/compare-index-files.ts";
import type { FileChanges } from "../compare/file-changes.ts";
import type { Digest } from "../document/digest.ts";
import type { PackedPlan } from "../flatten/packed-plan.ts";
import type { IndexLayerOptions } from "../layer/index-layer.ts";
import type { LayerIndexFile } from "../layer/index-stored-layer.ts";
import type { LayerIndex } from "../layer/layer-index.ts";
import type { LayerClaim } from "../layer/verify-layer.ts";
import type { FileSlice } from "../source/byte-source.ts";
import type {
  PlannedSquash,
  StoredImage,
  StoredSquashOptions,
} from "../squash/squash-stored-image.ts";

/** What a task needs beside its input. */
export interface TaskContext {
  readonly signal: AbortSignal;
  /** Tells how many bytes were done since the last call. */
  readonly onProgress: (bytes: number) => void;
}

/** Options of `indexLayer` that can cross to a thread. */
export type IndexClaims = Pick<
  IndexLayerOptions,
  "layer" | "digest" | "diffId" | "limits" | "spoolTo"
>;

/** The work that threads can be given. Inputs and outputs are plain data; descriptors belong to the whole process. */
export const TASKS = {
  async index(
    { slice, claims }: { slice: FileSlice; claims: IndexClaims },
    { signal, onProgress }: TaskContext,
  ): Promise<LayerIndex> {
    const { fileSource } = await import("../source/file-source.ts");
    const { indexLayer } = await import("../layer/index-layer.ts");
    return await indexLayer(fileSource(slice), { ...claims, signal, onRead: onProgress });
  },

  async indexFile(
    input: { slice: FileSlice; claims: IndexClaims },
    context: TaskContext,
  ): Promise<LayerIndexFile> {
    const { layerIndexFile } = await import("../layer/index-stored-layer.ts");
    return layerIndexFile(await TASKS.index(input, context));
  },

  async plan({
    image,
    options,
  }: {
    image: StoredImage<Uint8Array>;
    options: StoredSquashOptions;
  }): Promise<PlannedSquash> {
    const { planIndexFiles } = await import("../squash/squash-stored-image.ts");
    return planIndexFiles(image, options);
  },

  async compare(compared: ComparedIndexes): Promise<FileChanges> {
    const { compareDecoded } = await import("../compare/compare-index-files.ts");
    return compareDecoded(compared);
  },

  async folder(request: FolderRequest): Promise<FolderPage | undefined> {
    const { listDecoded } = await import("../compare/list-folder.ts");
    return listDecoded(request);
  },

  async squash(
    {
      plan,
      slices,
      fd,
    }: { plan: PackedPlan; slices: readonly (FileSlice | undefined)[]; fd: number },
    { signal, onProgress }: TaskContext,
  ): Promise<Digest> {
    const { fileSource } = await import("../source/file-source.ts");
    const { fillFile } = await import("../squash/squash-into-file.ts");
    const blobs = slices.map((slice) => slice && fileSource(slice));
    return await fillFile(plan, blobs, fd, signal, onProgress);
  },

  async verify(
    { slice, claim }: { slice: FileSlice; claim: LayerClaim },
    { signal }: TaskContext,
  ): Promise<void> {
    const { verifyLayer } = await import("../layer/verify-layer.ts");
    await verifyLayer(slice, claim, signal);
  },
};

export type TaskName = keyof typeof TASKS;
export type TaskInput<Name extends TaskName> = Parameters<(typeof TASKS)[Name]>[0];
export type TaskOutput<Name extends TaskName> = Awaited<ReturnType<(typeof TASKS)[Name]>>;
