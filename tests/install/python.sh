#!/usr/bin/env bash
# python.sh PROGRAM PYTHON: the Python example of the README, run on a model of the sample data, and
# the program predict the same. Exit status 77 without NumPy.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
program=$(realpath -e "$1")
python=$2
"$python" -c 'import numpy' 2>/dev/null || {
    echo "skipped: $python has no numpy"
    exit 77
}

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cd "$scratch"
sed -n '/^```python$/,/^```$/{/^```/d;p}' "$here/../../README.md" >example.py
[ "$(wc -l <example.py)" -eq 5 ]
read -r user item < <(sed -n 's/.*"user_ids"\] == \([0-9]*\).*"item_ids"\] == \([0-9]*\).*/\1 \2/p' example.py)

"$program" fit "$here/../../data/sample.csv" --model map -o model.npz >fit.log 2>&1
printf 'user,item\n%s,%s\n' "$user" "$item" >pairs.csv
"$program" predict model.npz pairs.csv --digits full >predicted.csv 2>predict.log
grep -q ",1,1$" predicted.csv # both are known
of_program=$(sed -n 2p predicted.csv | cut -d , -f 3)
of_python=$("$python" example.py)
echo "user $user, item $item: mixfill $of_program, NumPy $of_python"
"$python" -c 'import sys; a, b = map(float, sys.argv[1:]); sys.exit(not abs(a - b) < 1e-12)' \
    "$of_program" "$of_python"
