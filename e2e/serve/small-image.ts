import { mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";

/** What tells one small image from others. */
export interface SmallImage {
  /** Content of its file `/data/text`; another text is another image. */
  readonly text: string;
}

/**
 * Fills a folder with a Dockerfile and what it needs: two layers of a few bytes, the second of which replaces a file of
 * the first. Nothing in it can run, and nothing is run to build it, so it can be built for every platform.
 */
export async function writeSmallContext(folder: string, { text }: SmallImage): Promise<void> {
  await rm(folder, { recursive: true, force: true });
  await mkdir(join(folder, "first"), { recursive: true });
  await mkdir(join(folder, "second"));
  await writeFile(join(folder, "first/text"), `not ${text}`);
  await writeFile(join(folder, "first/stays"), "as it was");
  await writeFile(join(folder, "second/text"), text);
  const lines = [
    "FROM scratch",
    "COPY first /data/",
    "COPY second /data/",
    'LABEL org.example.kept="yes"',
    'CMD ["/data/text"]',
  ];
  await writeFile(join(folder, "Dockerfile"), `${lines.join("\n")}\n`);
}
