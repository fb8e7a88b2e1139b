import type { HelpPage } from "../help-page.ts";
import { EXIT_SECTION, TRANSPORT_SECTION } from "./help-sections.ts";
import { PROGRESS_FLAG, SOURCE_FLAGS } from "./source-flags.ts";

/** The page of `wharf squash`; the flags are parsed from it. One page is one piece of data, so it is one long file. */
export const SQUASH_HELP: HelpPage = {
  command: "wharf squash",
  summary: "make one layer of an image, or a few",
  usage: [
    "wharf squash [flags] [SOURCE] [DESTINATION]",
    "docker save IMAGE | wharf squash [flags] | docker load",
  ],
  description: [
    "Files that a later layer deletes or replaces still travel with an image. Squashing leaves them out; what a " +
      "container sees stays the same to the last hard link. By default the layer of the base image (the first FROM) " +
      "stays as it is, because other images share it, and all layers above become one.",
  ],
  examples: [
    {
      title: "Squash an image of Docker or podman, under a second name:",
      command: "wharf squash app:1.0 docker-daemon:app:small",
    },
    {
      title: "As docker-squash did, in a pipe:",
      command: "docker save app:1.0 | wharf squash -t app:small | docker load",
    },
    {
      title: "From file to file, everything into a single layer:",
      command: "wharf squash -i app.tar -o small.tar -from scratch",
    },
    {
      title: "From registry to registry, with no engine:",
      command: "wharf squash docker://ghcr.io/team/app:1.0 docker://ghcr.io/team/app:small",
    },
    {
      title: "What would it save, and what is the dead weight?",
      command: "wharf squash --dry-run app:1.0",
    },
  ],
  flagGroups: [
    {
      title: "Input and output",
      flags: [
        {
          name: "input",
          short: "i",
          value: "FILE",
          help: 'Read the image from a file (or OCI folder) instead of SOURCE; "-" is standard input, the default. The kind of file is told from its content, gzip or zstd around it is fine.',
        },
        {
          name: "output",
          short: "o",
          value: "FILE",
          help: 'Write to a file instead of DESTINATION; "-" is standard output, the default. The file appears when it is complete, never in part.',
        },
        {
          name: "tag",
          short: "t",
          value: "NAME:TAG",
          repeatable: true,
          help: "Name of the result; may be given several times. Without it the names of the source are kept.",
        },
        {
          name: "platform",
          value: "OS/ARCH[/VARIANT]",
          help: 'Which image of a multi-platform source, such as linux/arm64; "all" squashes each and needs an OCI format or a registry. Default: the platform of this machine, or the only one there is.',
        },
        {
          name: "format",
          value: "KIND",
          help: "What a file, folder or standard output is written as: docker-archive (default; loads into every engine), oci-archive, or oci (a folder).",
        },
        {
          name: "compression",
          value: "KIND[:LEVEL]",
          help: "Compress the new layers: none, gzip or zstd, with a level such as gzip:9. For OCI formats and registries, where gzip is the default; layers in a docker-archive are always plain.",
        },
      ],
    },
    {
      title: "What is squashed",
      flags: [
        {
          name: "from",
          value: "LAYER",
          help: 'Squash what lies above this layer; it and those below stay as they are. A layer number (the lowest is 1, see "wharf inspect"), a digest or a layer ID (their beginning is enough), the name or tag of the base image (in the same archive, engine or registry), or "scratch" for everything. Default: the first FROM layer.',
        },
        {
          name: "to",
          value: "N",
          help: "Squash up to layer number N; those above stay as they are. Default: the topmost.",
        },
        {
          name: "history",
          value: "keep|scrub",
          help: 'What "docker history" tells of the squashed layers: keep their commands (default), or scrub them.',
        },
        {
          name: "drop-xattr",
          value: "NAME",
          repeatable: true,
          help: "Leave out an extended attribute, such as security.selinux; user.* drops all that begin so.",
        },
      ],
    },
    {
      title: "What is told",
      flags: [
        {
          name: "dry-run",
          help: "Print the plan and write nothing: sizes before and after, what is left of each layer, the largest dead weight.",
        },
        {
          name: "json",
          help: "Print the result as JSON on standard output (on standard error if the image goes there).",
        },
        PROGRESS_FLAG,
        { name: "verbose", help: "Tell what is done, all warnings, and the details of an error." },
      ],
    },
    {
      title: "Network, disk and limits",
      flags: SOURCE_FLAGS,
    },
  ],
  sections: [
    TRANSPORT_SECTION,
    {
      title: "Several images in one source",
      rows: [
        [
          "file or pipe",
          "Each is squashed and all go into the output, under their names. -t needs a single image.",
        ],
        ["one of them", "Name it: docker-archive:FILE:NAME:TAG."],
      ],
    },
    EXIT_SECTION,
    {
      title: "Good to know",
      rows: [
        ["flags", "Long flags are taken with one dash or two, with a space or an equals sign."],
        ["same in, same out", "The same image and flags give the same bytes, on any machine."],
        ["sizes", "Decimal, as Docker shows them: 1 MB is 1,000,000 bytes."],
        ["Ctrl-C", "Leaves nothing behind. Pressed again it ends at once."],
      ],
    },
  ],
};
