/** The public face of `@wharf/image`: container image formats, the layer index and the flattener. */
export { DEFAULT_LIMITS } from "./limits.ts";
export type { Limits } from "./limits.ts";
export { algorithmOf, digestOf, Digester, hexOf, parseDigest } from "./digest.ts";
export type { Digest } from "./digest.ts";
export { ImageError, withPlace } from "./image-error.ts";
export type { ImageErrorCode, ImageErrorPlace } from "./image-error.ts";
export type { ByteSink, ByteSource, FileSlice } from "./byte-source.ts";
export { fileSource, readFully } from "./file-source.ts";
export { Spool, writeFully } from "./spool.ts";
export { compressionOf, detectCompression } from "./compression.ts";
export type { Compression, LayerCompression } from "./compression.ts";
export { compressor } from "./compressor.ts";
export type { Compressor } from "./compressor.ts";
export { decompress } from "./decompress.ts";
export { printablePath } from "./printable-path.ts";
export type { OnProgress, ProgressEvent } from "./progress.ts";
export type { Image, ImageLayer, ImageSource, Platform } from "./image.ts";
export type { OutputImage, OutputLayer } from "./output-image.ts";
export { writeTarHeader } from "./tar/write-tar-header.ts";
export type { TarHeaderFields } from "./tar/write-tar-header.ts";
export { paddedSize } from "./tar/tar-header.ts";
export { TypeFlag } from "./tar/entry-type.ts";
export { indexLayer } from "./index-layer.ts";
export type { LayerIndex } from "./layer-index.ts";
export { indexImage } from "./index-image.ts";
export type { IndexedImage, IndexedLayer, IndexImageOptions } from "./index-image.ts";
export { flatten } from "./flatten.ts";
export type { Flattened, FlattenOptions } from "./flatten.ts";
export type { Segment, SquashPlan } from "./squash-plan.ts";
export { writePlan } from "./write-plan.ts";
export { squashImage } from "./squash-image.ts";
export type { SquashedImage, SquashImageOptions } from "./squash-image.ts";
export { resolveBase } from "./squash-base.ts";
export type { BaseImage } from "./squash-base.ts";
export type { DeadWeight, LayerReport, SquashReport, SquashWarning } from "./squash-report.ts";
export { openImageFile, openImagePath, openImageStream } from "./open-image.ts";
export type { OpenOptions } from "./open-image.ts";
export { selectImage } from "./select-image.ts";
export { isAttestation, parseManifest } from "./manifest.ts";
export type { Descriptor, ImageIndex, ImageManifest } from "./manifest.ts";
export {
  dockerLayerType,
  isEncryptedLayerType,
  isForeignLayerType,
  isImageConfigType,
  isIndexType,
  isLayerType,
  MediaType,
  ociLayerType,
} from "./media-types.ts";
export { formatPlatform, hostPlatform, parsePlatform, platformFit } from "./platform.ts";
export { parseImageConfig } from "./image-config.ts";
export type { ImageConfig } from "./image-config.ts";
export { JsonObject } from "./json-object.ts";
export { quote } from "./quote.ts";
export { dockerArchiveSize, writeDockerArchive } from "./archive/write-docker-archive.ts";
export { writeOciArchive, writeOciLayout } from "./archive/write-oci-layout.ts";
export type { OciOptions } from "./archive/write-oci-layout.ts";
export type { WrittenImage, WrittenLayer } from "./archive/written-image.ts";
export { portableGzipHeader } from "./archive/portable-gzip-header.ts";
