import { mkdir } from "node:fs/promises";
import { join } from "node:path";

import { shell } from "./command.ts";

/** Made once and kept between runs; git ignores it. The number changes with what is in it. */
const CACHE = join(import.meta.dirname, "../.cache/e2e");
const NAME = "bookworm-1.tar";

/** What no test looks at. The trees are compared often, so small is quick. */
const LEFT_OUT = [
  "share/doc",
  "share/i18n",
  "share/locale",
  "share/man",
  "share/zoneinfo",
  "lib/*/gconv",
];

/** Commands that {@link baseImage} and what is built from it need. */
export const BASE_COMMANDS = ["mmdebstrap", "flock", "getfattr"];

/**
 * A small Debian with the tools for attributes, ACLs and capabilities, as a plain tar of its root file system.
 * The first call makes it, which takes a minute and the network; it is safe to call from several processes.
 *
 * @returns the path of the tar file; not to be changed
 */
export async function baseImage(): Promise<string> {
  const file = join(CACHE, NAME);
  await mkdir(CACHE, { recursive: true });
  const make = [
    "mmdebstrap --quiet --variant=minbase --hook-dir=/usr/share/mmdebstrap/hooks/merged-usr",
    "--include=usr-is-merged,attr,acl,libcap2-bin --aptopt='Acquire::Retries \"5\"'",
    ...LEFT_OUT.map((path) => `--dpkgopt='path-exclude=/usr/${path}/*'`),
    `--customize-hook='rm -rf "$1"/var/cache/apt "$1"/var/cache/debconf "$1"/var/lib/apt/lists "$1"/var/log/*'`,
    `bookworm "$1.part.tar"`,
  ].join(" ");
  // The lock ends with its process, so a killed run leaves none behind.
  await shell(`exec 9>"$1.lock"; flock 9; test -s "$1" || { ${make}; mv "$1.part.tar" "$1"; }`, [
    file,
  ]);
  return file;
}
