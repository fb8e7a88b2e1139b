import { basename, dirname, join } from "node:path";

import { shellWord } from "./subject.ts";
import type { Subject } from "./subject.ts";

/**
 * Other programs that flatten or convert an image.
 *
 * @param layout an OCI layout folder and the tag in it
 * @param archive the same image as docker-archive
 * @param folder an existing folder for what they make
 */
export function peerSubjects(
  layout: { folder: string; tag: string },
  archive: string,
  folder: string,
): Subject[] {
  const oci = `${layout.folder}:${layout.tag}`;
  const bundle = join(folder, "bundle");
  const flat = join(folder, "umoci.tar");
  const squashed = join(folder, "buildah.tar");
  const copied = join(folder, "skopeo.tar");
  const store = `--root ${shellWord(join(folder, "store"))} --runroot ${shellWord(join(folder, "run"))} --storage-driver overlay`;
  const buildah = (from: string): string =>
    `container=$(buildah ${store} from --quiet ${shellWord(from)}); ` +
    `buildah ${store} commit --quiet --squash "$container" ${shellWord(`docker-archive:${squashed}:localhost/squashed:1`)}`;
  const forget = `buildah ${store} rm --all >/dev/null; buildah ${store} rmi --all --force >/dev/null`;
  const skopeo = (from: string): string =>
    `exec skopeo --insecure-policy copy --quiet ${shellWord(from)} ${shellWord(`docker-archive:${copied}:localhost/copied:1`)}`;
  return [
    {
      name: "umoci unpack (gzip layers), GNU tar",
      kind: "peer",
      script:
        `umoci unpack --image ${shellWord(oci)} ${shellWord(bundle)} >/dev/null; ` +
        `tar --create --numeric-owner --xattrs --xattrs-include='*' --pax-option=delete=atime,delete=ctime --file ${shellWord(flat)} --directory ${shellWord(join(bundle, "rootfs"))} .`,
      output: flat,
      cleanUp: `rm -rf ${shellWord(bundle)}`,
    },
    {
      name: "buildah from, commit --squash (gzip layers)",
      kind: "peer",
      // buildah makes a name of the path, and a folder such as `.cache` is none.
      script: `cd ${shellWord(dirname(layout.folder))}; ${buildah(`oci:${basename(layout.folder)}:${layout.tag}`)}`,
      output: squashed,
      cleanUp: forget,
    },
    {
      name: "buildah from, commit --squash (plain layers)",
      kind: "peer",
      script: buildah(`docker-archive:${archive}`),
      output: squashed,
      cleanUp: forget,
    },
    {
      name: "skopeo copy, no squash (gzip layers)",
      kind: "peer",
      script: skopeo(`oci:${oci}`),
      output: copied,
    },
    {
      name: "skopeo copy, no squash (plain layers)",
      kind: "peer",
      script: skopeo(`docker-archive:${archive}`),
      output: copied,
    },
  ];
}
