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
export { flatten } from "./flatten/flatten.ts";
export type { Flattened, FlattenOptions } from "./flatten/flatten.ts";
export type { Segment, SquashPlan } from "./flatten/squash-plan.ts";
export { writePlan } from "./squash/write-plan.ts";
export { squashImage } from "./squash/squash-image.ts";
export type { SquashedImage, SquashImageOptions } from "./squash/squash-image.ts";
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
export { portableGzipHeader } from "./archive/portable-gzip-header.ts";
