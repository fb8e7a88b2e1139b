import { parseArgs } from "node:util";

import { catalogue } from "./images/catalogue.ts";
import { prepareImage } from "./images/prepare-image.ts";
import { report } from "./report.ts";
import type { Suite } from "./suite.ts";
import { entriesSuite } from "./suites/entries.ts";
import { listsSuite } from "./suites/lists.ts";
import { memorySuite } from "./suites/memory.ts";
import { registrySuite } from "./suites/registry.ts";
import { squashServingSuite } from "./suites/squash-serving.ts";
import { squashSuite } from "./suites/squash.ts";

const SUITES: Readonly<Record<string, Suite>> = {
  squash: squashSuite,
  entries: entriesSuite,
  memory: memorySuite,
  lists: listsSuite,
  registry: registrySuite,
  "squash-serving": squashServingSuite,
};

const USAGE = `npm run bench -- SUITE… [--rounds N] [--peer-rounds N] [--peers-only] [--image NAME]… [--only TEXT]
npm run bench -- images [NAME…]

Suites: ${Object.keys(SUITES).join(", ")}. Images: ${[...catalogue.keys()].join(", ")}.
The tables go to standard output as Markdown, progress to standard error.`;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    rounds: { type: "string", default: "5" },
    "peer-rounds": { type: "string", default: "3" },
    image: { type: "string", multiple: true },
    "peers-only": { type: "boolean", default: false },
    only: { type: "string" },
    help: { type: "boolean", short: "h", default: false },
  },
});
const say = (line: string): void => {
  process.stderr.write(`${line}\n`);
};
const [first, ...names] = positionals;
if (values.help || first === undefined) {
  say(USAGE);
  process.exitCode = values.help ? 0 : 2;
} else if (first === "images") {
  for (const name of names.length > 0 ? names : catalogue.keys()) {
    const image = await prepareImage(name, say);
    say(`${name}: ${image.id} ${image.archive}`);
  }
} else {
  for (const name of positionals) {
    const suite = SUITES[name];
    if (suite === undefined) throw new Error(`no suite ${name}\n${USAGE}`);
    const options = {
      rounds: count(values.rounds),
      peerRounds: count(values["peer-rounds"]),
      peersOnly: values["peers-only"],
      images: values.image,
      only: values.only,
      say,
    };
    process.stdout.write(await report(await suite(options), say));
  }
}

function count(text: string): number {
  if (!/^[1-9]\d?$/.test(text)) throw new Error(`not a number of rounds: ${text}`);
  return Number(text);
}
