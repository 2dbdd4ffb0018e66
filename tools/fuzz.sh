#!/usr/bin/env bash
# Builds the fuzz targets with their sanitizers and lets them run, one after another.
#
#   tools/fuzz.sh SECONDS [TARGET…]   each for so long; all of them unless some are named
#   tools/fuzz.sh corpus [TARGET…]    over what stands in the repository only
#
# The targets are one program, which is called by a target's name (fuzz/FuzzTarget.swift). What it
# starts from stands in fuzz/corpus, what it found worth keeping and what it breaks on goes to
# .build/fuzz. An input that breaks something is left there, and the status isn't 0.
set -euo pipefail
cd "$(dirname "$0")/.."
mode=$1
shift
work=.build/fuzz
targets=("$@")
[[ $# -gt 0 ]] || mapfile -t targets < <(ls fuzz/corpus)

HAVOCCTL_FUZZ=1 "${SWIFT:-swift}" build -c release --product Fuzz --scratch-path "$work" \
  --sanitize address --sanitize fuzzer -Xswiftc -enable-testing -Xswiftc -g
export LSAN_OPTIONS="suppressions=$PWD/Tests/Sanitizers/leaks.txt:print_suppressions=0"
# The sanitizer and libFuzzer say where it broke; Swift's own handler would stand in their way.
export SWIFT_BACKTRACE=enable=no
mkdir -p "$work/targets"

failed=()
for target in "${targets[@]}"; do
  echo "== $target"
  program=$work/targets/$target
  ln -sf ../release/Fuzz "$program"
  mkdir -p "$work/corpus/$target" "$work/found/$target"
  options=(-max_len=4096 -timeout=20 -rss_limit_mb=2048 -print_final_stats=1
    -artifact_prefix="$work/found/$target/")
  [[ ! -f fuzz/dictionaries/$target ]] || options+=(-dict="fuzz/dictionaries/$target")
  if [[ $mode == corpus ]]; then
    "$program" "${options[@]}" -runs=0 "fuzz/corpus/$target" || failed+=("$target")
  else
    "$program" "${options[@]}" -max_total_time="$mode" "$work/corpus/$target" \
      "fuzz/corpus/$target" || failed+=("$target")
  fi
done
if [[ ${#failed[@]} -gt 0 ]]; then
  echo "broken: ${failed[*]}; the inputs are in $work/found" >&2
  exit 1
fi
