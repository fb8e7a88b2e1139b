import {
  indexImage,
  type OutputImage,
  selectImage,
  squashImage,
  type ImageSource,
} from "@wharf/image";

import { buildStepsImage } from "../../demo/build-steps-image.ts";
import { parseTag, type TagName } from "../../transports/image-name.ts";
import { SAMPLE_STEPS } from "../../testing/sample-archive.ts";
import { pullImage, type PullOptions } from "../pull-image.ts";
import { pushImages } from "../push-image.ts";
import type { RegistryClient } from "../registry-client.ts";

/** An image of three layers. */
export function sampleImage(architecture?: string): OutputImage {
  return buildStepsImage(["sample:1"], SAMPLE_STEPS, {}, architecture);
}

/** Pushes the sample, or what is given, under a tag. */
export async function pushSample(
  client: RegistryClient,
  tag: string,
  images: readonly OutputImage[] = [sampleImage()],
): Promise<void> {
  await pushImages(client, images, { tags: [parseTag(tag)] });
}

/** Pulls a tag. */
export async function pullTag(
  client: RegistryClient,
  tag: string,
  options: PullOptions = {},
): Promise<ImageSource> {
  return await pullImage(
    client,
    { tag: parseTag(tag) satisfies TagName, digest: undefined },
    options,
  );
}

/** Runs something with the squashed image of a source, of which some layers stay. */
export async function withSquashed<T>(
  source: ImageSource,
  keep: number,
  run: (image: OutputImage) => Promise<T>,
): Promise<T> {
  await using indexed = await indexImage(selectImage(source));
  return await run(squashImage(indexed, { keep }));
}
