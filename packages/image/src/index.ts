/** The public face of `@wharf/image`: container image formats, the layer index and the flattener. */
export { DEFAULT_LIMITS } from "./limits.ts";
export type { Limits } from "./limits.ts";
export { algorithmOf, digestOf, Digester, hexOf, parseDigest } from "./document/digest.ts";
export type { Digest } from "./document/digest.ts";
export { ImageError, withPlace } from "./image-error.ts";
export type { ImageErrorCode, ImageErrorPlace } from "./image-error.ts";
export type { ByteSink, ByteSource, FileSlice } from "./source/byte-source.ts";
export { fileSource, readFully } from "./source/file-source.ts";
export { Spool, writeFully } from "./source/spool.ts";
export { compressionOf, detectCompression } from "./compression/compression.ts";
export type { Compression, LayerCompression } from "./compression/compression.ts";
export { compressor } from "./compression/compressor.ts";
export type { Compressor } from "./compression/compressor.ts";
export { decompress } from "./compression/decompress.ts";
export { plainContent } from "./compression/plain-content.ts";
export { printablePath } from "./printable-path.ts";
export type { OnProgress, ProgressEvent } from "./progress.ts";
export type { Image, ImageLayer, ImageSource, Platform } from "./image.ts";
export type { OutputImage, OutputLayer } from "./squash/output-image.ts";
export { writeTarHeader } from "./tar/write-tar-header.ts";
export type { TarHeaderFields } from "./tar/write-tar-header.ts";
export { paddedSize } from "./tar/tar-header.ts";
export { TypeFlag } from "./tar/entry-type.ts";
export { indexLayer } from "./layer/index-layer.ts";
export type { LayerIndex } from "./layer/layer-index.ts";
export { indexImage } from "./layer/index-image.ts";
export type { IndexedImage, IndexedLayer, IndexImageOptions } from "./layer/index-image.ts";
export { indexStoredLayer, makeLayerIndexFile } from "./layer/index-stored-layer.ts";
export type { IndexStoredLayerOptions, LayerIndexFile } from "./layer/index-stored-layer.ts";
export {
  decodeLayerIndex,
  encodeLayerIndex,
  LAYER_INDEX_VERSION,
} from "./layer/layer-index-file.ts";
export { ImageThreads } from "./threads/image-threads.ts";
export type { ImageThreadsOptions } from "./threads/image-threads.ts";
export type { PackedPlan } from "./flatten/packed-plan.ts";
export { decodePlan, encodePlan, PLAN_VERSION } from "./flatten/plan-file.ts";
export {
  squashFromPlan,
  squashIndexFiles,
  squashStoredImage,
} from "./squash/squash-stored-image.ts";
export type {
  ReadySquash,
  SourceLayer,
  StoredImage,
  StoredSquash,
  StoredSquashLayer,
  StoredSquashOptions,
} from "./squash/squash-stored-image.ts";
export { compareIndexFiles } from "./compare/compare-index-files.ts";
export type { CompareIndexFilesOptions } from "./compare/compare-index-files.ts";
export type { ChangeKind, Difference, FileChange, FileType } from "./compare/file-change.ts";
export { readFileChanges } from "./compare/file-changes.ts";
export type { ChangeSummary, FileChanges, Totals } from "./compare/file-changes.ts";
export { listFolder } from "./compare/list-folder.ts";
export type { FolderEntry, FolderPage } from "./compare/list-folder.ts";
export { neededLayers } from "./squash/needed-ranges.ts";
export { writeSquashedLayer } from "./squash/write-squashed-layer.ts";
export type { WriteSquashedLayerOptions } from "./squash/write-squashed-layer.ts";
export { squashIntoFile } from "./squash/squash-into-file.ts";
export type { SquashIntoFileOptions } from "./squash/squash-into-file.ts";
export { flatten } from "./flatten/flatten.ts";
export type { Flattened, FlattenOptions } from "./flatten/flatten.ts";
export type { Segment, SquashPlan } from "./flatten/squash-plan.ts";
export { writePlan } from "./squash/write-plan.ts";
export { squashImage } from "./squash/squash-image.ts";
export type { SquashedImage, SquashImageOptions } from "./squash/squash-image.ts";
export type { ConfigChange } from "./squash/squash-config.ts";
export { resolveBase } from "./squash/squash-base.ts";
export type { BaseImage } from "./squash/squash-base.ts";
export type {
  DeadWeight,
  LayerReport,
  SquashReport,
  SquashWarning,
} from "./squash/squash-report.ts";
export { openImageFile, openImagePath, openImageStream } from "./open-image.ts";
export type { OpenOptions } from "./open-image.ts";
export { selectImage } from "./select-image.ts";
export { isAttestation, parseManifest } from "./document/manifest.ts";
export type { Descriptor, ImageIndex, ImageManifest } from "./document/manifest.ts";
export {
  dockerLayerType,
  isEncryptedLayerType,
  isForeignLayerType,
  isImageConfigType,
  isIndexType,
  isLayerType,
  MediaType,
  ociLayerType,
} from "./document/media-types.ts";
export { formatPlatform, hostPlatform, parsePlatform, platformFit } from "./document/platform.ts";
export { parseImageConfig } from "./document/image-config.ts";
export type { ImageConfig } from "./document/image-config.ts";
export { JsonObject } from "./document/json-object.ts";
export { quote } from "./document/quote.ts";
export { dockerArchiveSize, writeDockerArchive } from "./archive/write-docker-archive.ts";
export { writeOciArchive, writeOciLayout } from "./archive/write-oci-layout.ts";
export type { OciOptions } from "./archive/write-oci-layout.ts";
export type { WrittenImage, WrittenLayer } from "./archive/written-image.ts";
export type { ArchivePart, ArchiveParts, LayerPart, LiteralPart } from "./archive/archive-parts.ts";
export { dockerArchiveParts } from "./archive/docker-archive-parts.ts";
export type {
  DockerArchiveParts,
  FiledConfig,
  FiledImage,
  ResolvedDockerArchive,
} from "./archive/docker-archive-parts.ts";
export type { FiledLayer } from "./archive/docker-layer-files.ts";
export { ociArchiveParts, ociImage } from "./archive/oci-archive-parts.ts";
export type {
  ArchivedImage,
  ImageContent,
  LayerBlob,
  SmallBlob,
} from "./archive/oci-archive-parts.ts";
export { ociManifestBytes } from "./archive/oci-manifest.ts";
export type { ManifestLayer } from "./archive/oci-manifest.ts";
export { portableGzipHeader } from "./archive/portable-gzip-header.ts";
