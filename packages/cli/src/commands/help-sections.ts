import { EXIT_CODES } from "../exit-code.ts";
import type { HelpSection } from "../help-page.ts";

/** Where images live. */
export const TRANSPORT_SECTION: HelpSection = {
  title: "SOURCE and DESTINATION",
  rows: [
    [
      "NAME:TAG",
      "an image of the local engine, Docker or podman; the name of an existing file or folder is that",
    ],
    ["docker-daemon:NAME:TAG", "the same, said outright; DOCKER_HOST is respected"],
    [
      "docker://HOST/NAME:TAG",
      'an image in a registry, with the credentials of "docker login" or "podman login"',
    ],
    ["docker-archive:FILE[:NAME:TAG]", 'a file as "docker save" writes it'],
    ["oci-archive:FILE[:TAG]", "an OCI image layout in a tar file"],
    ["oci:FOLDER[:TAG]", "an OCI image layout in a folder"],
    ["-", "standard input or standard output"],
  ],
};

/** What the caller learns from the exit code. */
export const EXIT_SECTION: HelpSection = {
  title: "Exit codes",
  rows: EXIT_CODES.map(({ code, meaning }) => [String(code), meaning] as const),
};
