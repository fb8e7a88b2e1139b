import { indexImage, squashImage } from "@wharf/image";
import type { Image, IndexedImage } from "@wharf/image";

import type { Command } from "../command.ts";
import { EXIT } from "../exit-code.ts";
import { writeJson } from "../output/json.ts";
import { Progress, progressStyle } from "../output/progress.ts";
import { openSource } from "../transports/open-source.ts";
import { wantedName } from "../transports/reference.ts";
import { writeDestination } from "../transports/write-destination.ts";
import { findBase } from "../transports/find-base.ts";
import { baseLayers } from "./base-layers.ts";
import { chooseImages } from "./choose-images.ts";
import { commandSource } from "./command-source.ts";
import { isStandardOutput, squashDestination } from "./squash-destination.ts";
import { refuseAmbiguity, refuseTerminal } from "./squash-refusals.ts";
import { squashDocument } from "./squash-document.ts";
import type { Squashed } from "./squash-document.ts";
import { SQUASH_HELP } from "./squash-help.ts";
import { squashOptions } from "./squash-options.ts";
import type { SquashOptions } from "./squash-options.ts";
import { planText, resultLines, verboseLines } from "./squash-text.ts";
import { transferOptions } from "./transfer-options.ts";
import { untilAborted } from "./until-aborted.ts";
import { xattrFilter } from "./xattr-filter.ts";

/** `wharf squash`: reads an image, squashes it, writes it. */
export const squash: Command = {
  help: SQUASH_HELP,
  async run(flags, context) {
    const { stderr, signal } = context;
    const options = squashOptions(flags);
    const { platform, compression } = options;
    const source = await commandSource(options.source, context, SQUASH_HELP);
    const destination = await squashDestination(options);
    refuseTerminal(destination, options, context);
    using progress = new Progress(stderr, progressStyle(options.progress, stderr, context.env));
    const transfer = transferOptions(options, context, progress);
    await using opened = await openSource(source, { ...transfer, platform });
    const images = chooseImages(opened, { name: wantedName(source), platform });
    refuseAmbiguity(images, destination, options);

    // Writers wait for the verification before they complete an image.
    const verify = options.dryRun ? "before" : "alongside";
    const once = destination.transport !== "docker"; // an upload may have to start again
    await using indexes = new AsyncDisposableStack();
    const results: Squashed[] = [];
    for (const image of images) {
      progress.restart();
      const base = await baseLayers(image, opened.images, options.from, (from, of) =>
        findBase(source, from, of, transfer),
      );
      const indexed = indexes.use(await indexImage(image, { ...transfer, verify, once }));
      results.push(squashOne(indexed, layersToKeep(image, base, options), options));
      if (options.verbose) progress.print(verboseLines(results.slice(-1), stderr));
    }
    if (options.dryRun) {
      progress.clear();
      if (options.json) writeJson(context.stdout, squashDocument(source, destination, results));
      else context.stdout.write(planText(results, destination, context.stdout));
      return EXIT.ok;
    }
    progress.restart();
    const outputs = results.map(({ output }) => output);
    const writing = writeDestination(destination, outputs, { ...transfer, compression, source });
    const toPipe = isStandardOutput(destination);
    const { images: written } = await (toPipe ? untilAborted(writing, signal) : writing);
    progress.print(resultLines(results, written, options.verbose));
    if (options.json) {
      // Here and not before: opening the text stream on a pipe that carries the image would disturb it.
      writeJson(
        toPipe ? stderr : context.stdout,
        squashDocument(source, destination, results, written),
      );
    }
    return EXIT.ok;
  },
};

function squashOne(indexed: IndexedImage, keep: number, options: SquashOptions): Squashed {
  const { image } = indexed;
  const output = squashImage(indexed, {
    keep,
    to: options.to,
    names: options.names.length > 0 ? options.names : image.names,
    history: options.history,
    dropXattr: options.dropXattrs.length > 0 ? xattrFilter(options.dropXattrs) : undefined,
  });
  return { image, output, to: options.to ?? image.layers.length };
}

/** A single layer is one layer already: it stays, unless something in it is to change. */
function layersToKeep(image: Image, base: number, options: SquashOptions): number {
  const to = options.to ?? image.layers.length;
  const isChanged = options.dropXattrs.length > 0 || options.history === "scrub";
  return to - base === 1 && to <= image.layers.length && !isChanged ? to : base;
}
