#!/usr/bin/env bash
# Builds the unit tests with a sanitizer and runs them: tools/sanitize.sh address|thread [swift test's options]
set -euo pipefail
cd "$(dirname "$0")/.."
kind=$1
shift
work=.build/$kind
options=(--sanitize="$kind" --scratch-path "$work" "$@")
mkdir -p "$work"
"${SWIFT:-swift}" build --build-tests "${options[@]}"
environment=()
case $kind in
  thread)
    # The compiler's own clang speaks its calling conventions.
    clang=$(dirname "$(readlink -f "$(command -v "${SWIFT:-swift}")")")/clang
    "$clang" -O2 -Wall -Wextra -Werror -shared -fPIC Tests/Sanitizers/runtime.c -o "$work/runtime.so"
    environment=(LD_PRELOAD="$PWD/$work/runtime.so" TSAN_OPTIONS="second_deadlock_stack=1")
    ;;
  address)
    environment=(
      ASAN_OPTIONS="detect_stack_use_after_return=1:strict_string_checks=1"
      LSAN_OPTIONS="suppressions=$PWD/Tests/Sanitizers/leaks.txt:print_suppressions=0"
    )
    ;;
esac
tools/with-database.sh env "${environment[@]}" "${SWIFT:-swift}" test --skip-build "${options[@]}"
