import type { Mount } from "./mount.ts";
import { readTree, type Tree } from "./tree.ts";

/** A program that unpacks images. */
export interface Engine {
  /** Shows an image's tree as a container sees it. */
  mount(image: string): Promise<Mount>;
}

/** The tree of an image as an engine unpacks it. */
export async function imageTree(engine: Engine, image: string): Promise<Tree> {
  await using mount = await engine.mount(image);
  return await readTree(mount.path);
}
