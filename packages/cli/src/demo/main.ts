import { mkdir, rm } from "node:fs/promises";
import { join, relative } from "node:path";
import { isatty } from "node:tty";
import { fileURLToPath } from "node:url";

import { writeDockerArchive } from "@wharf/image";
import type { OutputImage } from "@wharf/image";

import type { CommandContext } from "../command-context.ts";
import { describeError } from "../describe-error.ts";
import { abortOnSignals, divertHangup } from "../interrupt.ts";
import { main } from "../main.ts";
import { countText } from "../output/count-text.ts";
import { demoImage } from "./demo-image.ts";
import { fileSink } from "./file-sink.ts";
import { nodeRuntime } from "./runtime-files.ts";

const ROOT = fileURLToPath(new URL("../../../..", import.meta.url));
const FOLDER = join(ROOT, ".cache", "demo");
const NAME = "wharf-demo:layered";
const SQUASHED_NAME = "wharf-demo:squashed";

/**
 * What `npm run demo` shows: makes a real image with real waste, inspects it, squashes it. Needs neither network nor
 * engine, and loads nothing into one.
 */
const context: CommandContext = {
  stdout: process.stdout,
  stderr: process.stderr,
  env: process.env,
  isTerminal: (descriptor) => isatty(descriptor),
  signal: abortOnSignals(process, (code) => process.exit(code)),
  onHangup: (listener) => divertHangup(process, listener),
};
process.exitCode = await demonstrate().catch((error: unknown) => {
  const { lines, exitCode } = describeError(error, context.signal, false);
  for (const line of lines) context.stderr.write(`${line}\n`);
  return exitCode;
});

async function demonstrate(): Promise<number> {
  await rm(FOLDER, { recursive: true, force: true });
  await mkdir(FOLDER, { recursive: true });
  const before = join(FOLDER, "layered.tar");
  const after = join(FOLDER, "squashed.tar");

  say("Wharf squashes container images. This is a demonstration on an image made here and now.");
  say("");
  const runtime = await nodeRuntime();
  const image = await demoImage(NAME, runtime, join(ROOT, "node_modules"));
  await writeImage(image, before);
  say(
    `1. An image as builds make them, ${countText(image.layers.length, "layer")}: ${shown(before)}`,
  );
  say("");

  const inspected = await wharf("inspect", before);
  if (inspected !== 0) return inspected;
  say("");
  say("2. Squashed. The base stays as it is, what lies above becomes one layer:");
  say("");
  const squashed = await wharf("squash", "-t", SQUASHED_NAME, "-i", before, "-o", after);
  if (squashed !== 0) return squashed;

  say("");
  say(
    runtime.runs
      ? "3. Load it and run it (podman takes the same words):"
      : "3. Load it (it runs where it was made on Linux):",
  );
  say("");
  say(`   docker load -i ${shown(after)}`);
  if (runtime.runs) say(`   docker run --rm ${SQUASHED_NAME}`);
  say("");
  say(
    'Squash your own: "npx wharf squash NAME:TAG docker-daemon:NAME:small". All about it: "npx wharf squash --help".',
  );
  return 0;
}

async function writeImage(image: OutputImage, path: string): Promise<void> {
  await using sink = await fileSink(path);
  await writeDockerArchive([image], sink.write, { signal: context.signal });
}

/** Runs the command as a user would, and shows what was typed. */
async function wharf(...argv: string[]): Promise<number> {
  say(`   $ npx wharf ${argv.map((arg) => (arg.startsWith(FOLDER) ? shown(arg) : arg)).join(" ")}`);
  say("");
  return await main(argv, context);
}

/** Relative to where the user stands, who most likely typed `npm run demo` in the clone. */
function shown(path: string): string {
  return relative(ROOT, path);
}

function say(line: string): void {
  context.stdout.write(`${line}\n`);
}
