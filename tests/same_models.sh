#!/usr/bin/env bash
# Whether two builds of the program fit the same models, byte for byte: every kind and variant, on a
# sparse and on a full matrix. For changes that must leave every result alone.
#   tests/same_models.sh BEFORE AFTER [DATA]
# BEFORE, AFTER: the two programs. DATA: a folder with ml-latest-small/ratings.csv and
# netflix/netflix_incomplete.txt, $MIXFILL_TEST_DATA/data unless given.
set -euo pipefail
before=$1
after=$2
data=${3-${MIXFILL_TEST_DATA:?"names no folder, expected that of the test data"}/data}
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

fits=(
    "--model classic"
    "--model classic --compat notebook"
    "--model map"
    "--model map --average --n-init 3"
    "--model factor"
    "--model factor --no-implicit"
)
different=0
for ratings in ml-latest-small/ratings.csv netflix/netflix_incomplete.txt; do
    for options in "${fits[@]}"; do
        read -ra words <<<"$options"
        "$before" fit "$data/$ratings" "${words[@]}" -o "$scratch/before.npz" >/dev/null 2>&1
        "$after" fit "$data/$ratings" "${words[@]}" -o "$scratch/after.npz" >/dev/null 2>&1
        if cmp -s "$scratch/before.npz" "$scratch/after.npz"; then
            verdict=same
        else
            verdict=DIFFERENT
            different=$((different + 1))
        fi
        printf '%-9s %s %s\n' "$verdict" "$ratings" "$options"
    done
done
[ "$different" -eq 0 ] || exit 1
