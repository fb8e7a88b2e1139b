import { readdirSync } from "node:fs";
import { cp, writeFile } from "node:fs/promises";
import { join } from "node:path";

const CHANGES = join(import.meta.dirname, "changes");

/** The scripts that change a base, each for a layer of its own, in their order. They run in bash as root. */
export const CHANGE_SCRIPTS: readonly string[] = readdirSync(CHANGES)
  .filter((name) => name.endsWith(".sh"))
  .toSorted();

/** What the image's command prints. */
export const GREETING = "a squashed image works";

/**
 * Fills a folder with a Dockerfile and what it needs: the base, a layer with the scripts, one for each script,
 * one that deletes them, and configuration.
 *
 * @param base the name of the image to begin with
 */
export async function writeBuildContext(folder: string, base: string): Promise<void> {
  await cp(CHANGES, join(folder, "changes"), { recursive: true });
  const lines = [
    `FROM ${base}`,
    "COPY changes /changes",
    ...CHANGE_SCRIPTS.map((name) => `RUN ["/bin/bash", "-eu", "/changes/${name}"]`),
    "RUN rm -r /changes",
    `ENV GREETING="${GREETING}"`,
    "LABEL org.example.kept=yes",
    "WORKDIR /w/keep",
    `CMD ["/bin/bash", "-c", "test -s /usr/bin/perl && test ! -e /etc/debian_version && echo $GREETING"]`,
  ];
  await writeFile(join(folder, "Dockerfile"), `${lines.join("\n")}\n`);
}
