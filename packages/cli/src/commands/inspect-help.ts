import type { HelpPage } from "../help-page.ts";
import { EXIT_SECTION, TRANSPORT_SECTION } from "./help-sections.ts";
import { PROGRESS_FLAG, SOURCE_FLAGS } from "./source-flags.ts";

/** The page of `wharf inspect`; the flags are parsed from it. */
export const INSPECT_HELP: HelpPage = {
  command: "wharf inspect",
  summary: "show the layers of an image and what is wasted in them",
  usage: ["wharf inspect [flags] SOURCE"],
  description: [
    "Reads every layer, checks it, and tells what it adds, changes and hides, how many of its bytes no container can " +
      "see, and which paths they belong to. Nothing is written.",
  ],
  examples: [
    { title: "An image of the local engine:", command: "wharf inspect python:3.14" },
    { title: "A saved image:", command: "docker save app:1.0 | wharf inspect -" },
    {
      title: "The wasted bytes of each layer, for a script:",
      command: "wharf inspect --json app.tar | jq '.images[].report.layers[].wastedBytes'",
    },
  ],
  flagGroups: [
    {
      title: "Flags",
      flags: [
        {
          name: "platform",
          value: "OS/ARCH[/VARIANT]",
          help: 'Which image of a multi-platform source, such as linux/arm64; "all" shows each. Default: the platform of this machine, or the only one there is.',
        },
        { name: "json", help: "Print JSON." },
        PROGRESS_FLAG,
        {
          name: "verbose",
          help: "Show all dead weight and all warnings, and the details of an error.",
        },
        ...SOURCE_FLAGS,
      ],
    },
  ],
  sections: [
    {
      title: "Columns",
      rows: [
        ["layer", "its number, the lowest is 1; what -from and --to of wharf squash take"],
        ["size", "uncompressed"],
        ["added", "paths that no lower layer shows"],
        ["changed", "paths of lower layers that it replaces or changes"],
        ["hidden", "paths of lower layers that it deletes"],
        [
          "wasted",
          "bytes of this layer that no container sees: deleted or replaced further up, and what only marks a deletion or the end of the layer",
        ],
      ],
    },
    TRANSPORT_SECTION,
    EXIT_SECTION,
  ],
};
