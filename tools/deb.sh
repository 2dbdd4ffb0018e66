#!/usr/bin/env bash
# Packs a program that is built already: tools/deb.sh BINARY DIRECTORY
# The package and what describes it lie in DIRECTORY afterwards. It is put together on a copy, because
# dpkg-buildpackage leaves its results beside the tree and debhelper its own inside.
set -euo pipefail

binary=$(realpath "$1")
mkdir -p "$2"
results=$(realpath "$2")
cd "$(dirname "$0")/.."

work=$(mktemp -d "${TMPDIR:-/tmp}/havocctl-deb.XXXXXX")
trap 'rm -rf "$work"' EXIT
mkdir -p "$work/tree/.build/release"
cp -a Makefile LICENSE README.md SECURITY.md completions debian docs man packaging "$work/tree"
cp "$binary" "$work/tree/.build/release/havocctl"

cd "$work/tree"
DEB_BUILD_OPTIONS=${DEB_BUILD_OPTIONS:-noautodbgsym} dpkg-buildpackage -b -us -uc --jobs=auto >"$work/log" 2>&1 || {
  cat "$work/log" >&2
  exit 1
}
rm -f "$results"/havocctl_*
mv "$work"/havocctl_* "$results"
