#!/usr/bin/env bash
# python.sh PROGRAM PYTHON: the Python example of docs/model-file.md, run on models of the sample data of
# every kind, and the program predict the same, rating and standard deviation. Exit status 77 without NumPy.
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
sed -n '/^```python$/,/^```$/{/^```/d;p}' "$here/../../docs/model-file.md" >example.py
read -r user item < <(sed -n 's/.*"user_ids"\] == \([0-9]*\).*"item_ids"\] == \([0-9]*\).*/\1 \2/p' example.py)
printf 'user,item\n%s,%s\n' "$user" "$item" >pairs.csv

check() { # OPTION... of a fit
    "$program" fit "$here/../../data/sample.csv" -o model.npz "$@" >fit.log 2>&1
    "$program" predict model.npz pairs.csv --digits full >predicted.csv 2>predict.log
    grep -q ",1,1$" predicted.csv # both are known
    of_program=$(sed -n 2p predicted.csv | cut -d , -f 3,4 | tr , ' ')
    of_python=$("$python" example.py)
    echo "$*: user $user, item $item: mixfill $of_program, NumPy $of_python"
    # shellcheck disable=SC2086 # two numbers each
    "$python" -c 'import sys; a, b, c, d = map(float, sys.argv[1:]); sys.exit(not abs(a - c) + abs(b - d) < 1e-12)' \
        $of_program $of_python
}

check --model factor
check --model factor --no-implicit --rank 1
check --model map
check --model map --n-init 3 --average
check --model classic
