#!/usr/bin/env bash
# Builds a fuzz target with its sanitizers and lets it run for a while.
#
#   tools/fuzz.sh NAME SECONDS
#
# NAME.swift in fuzz/ is compiled together with the module of that name; what it starts from stands in
# fuzz/corpus, what it finds goes to .build/fuzz. An input that breaks something is left there, and
# the status isn't 0.
set -euo pipefail
cd "$(dirname "$0")/.."
name=$1 seconds=$2
module=${name%Target}
work=.build/fuzz/$name
mkdir -p "$work/corpus"
includes=()
for library in Sources/CLibs/*/module.modulemap; do includes+=(-I "$(dirname "$library")"); done
"${SWIFTC:-swiftc}" -O -g -swift-version 6 -parse-as-library -sanitize=fuzzer,address \
  "${includes[@]}" -module-name "$module" "Sources/$module"/*.swift "fuzz/$name.swift" \
  -o "$work/fuzz"
"$work/fuzz" -max_total_time="$seconds" -max_len=2048 -print_final_stats=1 \
  -artifact_prefix="$work/" "$work/corpus" "fuzz/corpus/$(tr '[:upper:]' '[:lower:]' <<< "$module")"
