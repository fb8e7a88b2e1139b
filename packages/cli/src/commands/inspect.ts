import { indexImage, squashImage } from "@wharf/image";
import type { Image, SquashReport } from "@wharf/image";

import type { Command } from "../command.ts";
import { EXIT } from "../exit-code.ts";
import { writeJson } from "../output/json.ts";
import { Progress, progressStyle } from "../output/progress.ts";
import { terminalWidth } from "../output/terminal-width.ts";
import { openSource } from "../transports/open-source.ts";
import { wantedName } from "../transports/reference.ts";
import { UsageError } from "../usage-error.ts";
import { chooseImages } from "./choose-images.ts";
import { commandSource } from "./command-source.ts";
import { inspectDocument } from "./inspect-document.ts";
import { INSPECT_HELP } from "./inspect-help.ts";
import { inspectionLines } from "./inspect-text.ts";
import { sourceOptions } from "./source-options.ts";
import { transferOptions } from "./transfer-options.ts";

/** An image with the numbers of its layers. */
export interface Inspected {
  readonly image: Image;
  readonly report: SquashReport;
}

/** `wharf inspect`: what the layers of an image hold, and what of it is wasted. */
export const inspect: Command = {
  help: INSPECT_HELP,
  async run(flags, context) {
    const options = sourceOptions(flags);
    const [name, extra] = flags.positionals;
    if (extra !== undefined)
      throw new UsageError(`one name too many: ${JSON.stringify(extra)}`, "wharf inspect SOURCE");
    const place = name === undefined ? undefined : { text: name, isPath: false };
    const source = await commandSource(place, context, INSPECT_HELP);
    using progress = new Progress(
      context.stderr,
      progressStyle(options.progress, context.stderr, context.env),
    );
    const transfer = transferOptions(options, context, progress);
    const { platform } = options;
    await using opened = await openSource(source, { ...transfer, platform });
    const inspected: Inspected[] = [];
    for (const image of chooseImages(opened, {
      name: wantedName(source),
      platform: options.platform,
    })) {
      progress.restart();
      await using indexed = await indexImage(image, transfer);
      inspected.push({ image, report: squashImage(indexed).report });
    }
    progress.clear();
    if (options.json) {
      writeJson(context.stdout, inspectDocument(source, inspected));
      return EXIT.ok;
    }
    const lines = inspected.flatMap((one, index) => [
      ...(index === 0 ? [] : [""]),
      ...inspectionLines(one, terminalWidth(context.stdout), options.verbose),
    ]);
    context.stdout.write(lines.map((line) => `${line}\n`).join(""));
    return EXIT.ok;
  },
};
