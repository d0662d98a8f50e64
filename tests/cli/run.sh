#!/usr/bin/env bash
# Golden tests of the program: run.sh [--update] PROGRAM [NAME...]
#
# A case NAME is NAME.sh, run by bash in a fresh folder with $MIXFILL (the program) and $DATA (the
# repository's data folder) set, with the expected NAME.out (stdout) and, where it exists, NAME.err
# (stderr). A line "# exit: N" in the script gives its exit code; without it, 0. In both outputs
# the values of $DATA and $MIXFILL are replaced by these names. --update rewrites the files that a
# case has (.out always; touch NAME.err to start comparing stderr), never the exit code.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
update=false
if [ "${1-}" = --update ]; then
    update=true
    shift
fi
if [ $# -lt 1 ]; then
    echo "usage: run.sh [--update] PROGRAM [NAME...]" >&2
    exit 2
fi
MIXFILL=$(realpath -e "$1")
DATA=$(realpath -e "$here/../../data")
shift
export MIXFILL DATA LC_ALL=C TZ=UTC OMP_NUM_THREADS=2
unset OMP_WAIT_POLICY GOMP_SPINCOUNT # the program as it starts by itself

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

# Compare $1 (actual) with $2 (expected), or rewrite the latter.
check() {
    if $update; then
        cp "$1" "$2"
    else
        diff -u --label "expected ${2##*/}" "$2" --label "actual ${2##*/}" "$1"
    fi
}

run_case() {
    local script=$here/$1.sh code=0 want ok=true
    mkdir "$scratch/work"
    want=$(sed -n 's/^# exit: *//p' "$script")
    (cd "$scratch/work" && exec timeout 120 bash "$script") \
        </dev/null >"$scratch/out" 2>"$scratch/err" || code=$?
    sed -i "s|$DATA|\$DATA|g; s|$MIXFILL|\$MIXFILL|g" "$scratch/out" "$scratch/err"
    if [ "$code" != "${want:-0}" ]; then
        echo "exit code $code, expected ${want:-0}; stderr:"
        cat "$scratch/err"
        ok=false
    fi
    check "$scratch/out" "$here/$1.out" || ok=false
    if [ -e "$here/$1.err" ]; then
        check "$scratch/err" "$here/$1.err" || ok=false
    fi
    # A case may leave folders without write permission.
    chmod -R u+rwX "$scratch/work"
    rm -rf "$scratch/work"
    $ok
}

if [ $# -eq 0 ]; then
    for script in "$here"/*.sh; do
        name=$(basename "$script" .sh)
        [ "$name" = run ] || set -- "$@" "$name"
    done
fi

passed=0
failed=0
for name; do
    if [ ! -e "$here/$name.sh" ]; then
        echo "no case $name" >&2
        exit 2
    fi
    if run_case "$name" >"$scratch/report" 2>&1; then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
        echo "---- $name failed"
        cat "$scratch/report"
    fi
done
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
