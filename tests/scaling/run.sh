#!/usr/bin/env bash
# Tests of bench/scaling: run.sh SCRIPT [MIXFILL BENCH_FIT]. Exit status 77 skips.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
skip() {
    echo "skipped: $*"
    exit 77
}

command -v python3 >/dev/null || skip "python3 is not installed"
if [ "$1" = quick.py ]; then
    command -v gnuplot >/dev/null || skip "gnuplot is not installed"
    [ -x "${3-}" ] || skip "the benches are not built (MIXFILL_BUILD_BENCH)"
    "$2" doctor --json | grep -q '"openmp": true' || skip "a build without OpenMP"
fi
exec python3 -B "$here/$1" "${@:2}"
