#!/bin/sh
# Seconds per iteration of the NumPy notebook and of mixfill on the same matrix, one thread each,
# measured in turns (A B A B ...) so that a machine that slows down slows both.
# usage: bench/notebook.sh [MATRIX] [MIXFILL]
# MATRIX is the notebook's dense text; the default is the Netflix matrix under $MIXFILL_TEST_DATA.
# ROUNDS sets the number of turns (5); PYTHON names a Python that has NumPy (python3).
set -eu

folder=$(cd "$(dirname "$0")" && pwd)
matrix=${1:-${MIXFILL_TEST_DATA:-.}/data/netflix/netflix_incomplete.txt}
mixfill=${2:-$folder/../build/release/mixfill}
python=${PYTHON:-python3}
rounds=${ROUNDS:-5}

for file in "$matrix" "$mixfill"; do
    [ -r "$file" ] || {
        echo "notebook.sh: $file: not there; usage: notebook.sh [MATRIX] [MIXFILL]" >&2
        exit 2
    }
done

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT TERM

round=1
while [ "$round" -le "$rounds" ]; do
    "$python" "$folder/notebook_iteration.py" "$matrix" -k 12 --seed 1 >"$work/notebook.$round"
    "$mixfill" fit "$matrix" -o "$work/model.npz" -k 12 --model classic --seed 1 --tol 0 \
        --max-iter 20 --threads 1 --json >"$work/mixfill.$round" 2>"$work/log" || {
        cat "$work/log" >&2
        exit 1
    }
    round=$((round + 1))
done

"$python" - "$work" "$rounds" <<'EOF'
import json, statistics, sys

work, rounds = sys.argv[1], int(sys.argv[2])


def read(name):
    return [json.load(open(f"{work}/{name}.{r}")) for r in range(1, rounds + 1)]


notebook = [s for run in read("notebook") for s in run["seconds"]]
runs = read("mixfill")
mixfill = [i["seconds"] for run in runs for i in run["history"]]
print(f"{'seconds per iteration':24}{'min':>12}{'median':>12}{'max':>12}{'n':>6}")
for name, seconds in (("notebook (NumPy)", notebook), (f"mixfill ({runs[0]['isa']})", mixfill)):
    print(f"{name:24}{min(seconds):12.6f}{statistics.median(seconds):12.6f}{max(seconds):12.6f}"
          f"{len(seconds):6}")
print(f"ratio of medians: {statistics.median(notebook) / statistics.median(mixfill):.1f}")
EOF
