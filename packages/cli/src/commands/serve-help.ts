import type { HelpPage } from "../help-page.ts";
import { EXIT_SECTION } from "./help-sections.ts";
import { CONFIG_FLAGS, CONFIG_SECTION } from "./server/server-flags.ts";

/** The page of `wharf serve`; the flags are parsed from it. */
export const SERVE_HELP: HelpPage = {
  command: "wharf serve",
  summary: "run the registry",
  usage: ["wharf serve [flags]"],
  description: [
    "Serves images to docker, podman, Kubernetes and everything else that speaks the OCI distribution-spec, and squashed " +
      "images to docker load. Needs no configuration: without any it keeps everything in the folder data and listens on " +
      "this machine alone. The first start creates an administrator and prints the password, once.",
  ],
  examples: [
    { title: "Try it:", command: "wharf serve" },
    { title: "For the whole network:", command: "wharf serve --address 0.0.0.0 --port 5000" },
    { title: "As a service does:", command: "wharf serve --config /etc/wharf/wharf.yaml" },
  ],
  flagGroups: [
    {
      title: "Flags",
      flags: [
        ...CONFIG_FLAGS,
        {
          name: "address",
          value: "ADDRESS",
          help: "Address to listen at; 0.0.0.0 and :: are every network of the machine. Default: 127.0.0.1.",
        },
        { name: "port", value: "N", help: "Port to listen at; 0 takes a free one. Default: 5000." },
        { name: "verbose", help: "Show the details of an error that keeps it from starting." },
      ],
    },
  ],
  sections: [
    CONFIG_SECTION,
    {
      title: "Signals",
      rows: [
        [
          "SIGTERM, SIGINT",
          "takes no new requests, lets transfers finish (server.stopTimeout), ends; a second one ends at once",
        ],
        ["SIGHUP", "reads the certificate again; when started from a terminal, ends"],
      ],
    },
    EXIT_SECTION,
  ],
};
