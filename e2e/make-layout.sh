#!/bin/bash
# Makes an OCI layout with umoci: the base as one layer, then a layer for each script, run in a chroot as root.
# Other than an engine's build this keeps every attribute, ACLs too.
# make-layout.sh BASE.tar LAYOUT SCRIPT…; the image after N-name.sh has the tag "N-name"
set -euo pipefail
base=$1 layout=$2
shift 2
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
umoci init --layout "$work/layout"
tag=base
umoci new --image "$work/layout:$tag"
umoci unpack --image "$work/layout:$tag" "$work/bundle"
tar --extract --file "$base" --directory "$work/bundle/rootfs" --numeric-owner --same-permissions
repack() { umoci repack --refresh-bundle --image "$work/layout:$tag" "$@" "$work/bundle"; }
repack
umoci config --image "$work/layout:$tag" --config.cmd /bin/true --config.label org.example.kept=yes
for script; do
  PATH=/usr/sbin:/usr/bin:/sbin:/bin chroot "$work/bundle/rootfs" /bin/bash -eu <"$script"
  name=$(basename "$script" .sh)
  umoci tag --image "$work/layout:$tag" "$name"
  tag=$name
  repack --history.created_by "/bin/bash $name.sh"
done
umoci gc --layout "$work/layout"
mv "$work/layout" "$layout"
