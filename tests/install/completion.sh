#!/usr/bin/env bash
# completion.sh PROGRAM: what bash offers after some command lines, and that every command and every
# long option is offered. A line is split at "=" as bash does it.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
program=$(realpath -e "$1")
# shellcheck source=../../completions/mixfill
. "$here/../../completions/mixfill"

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cd "$scratch"
touch ratings.csv model.npz
mkdir folder

failed=0

# Words in COMPREPLY after the words of a line, sorted, on one line.
offers() {
    COMP_WORDS=("$@")
    COMP_CWORD=$(($# - 1))
    COMPREPLY=()
    _mixfill "$program" "${COMP_WORDS[COMP_CWORD]}" "${COMP_WORDS[COMP_CWORD - 1]}"
    printf '%s\n' "${COMPREPLY[@]}" | LC_ALL=C sort | paste -sd ' '
}

# expect OFFER WORD...
expect() {
    local want=$1 got
    shift
    got=$(offers "$@")
    if [ "$got" != "$want" ]; then
        echo "after '$*': '$got', expected '$want'" >&2
        failed=1
    fi
}

# expect_all WORD... -- LINE...: these, among others that may come later.
expect_all() {
    local want=() got
    while [ "$1" != -- ]; do
        want+=("$1")
        shift
    done
    shift
    got=$(offers "$@")
    for word in "${want[@]}"; do
        if [[ " $got " != *" $word "* ]]; then
            echo "after '$*': '$got', expected $word among these" >&2
            failed=1
        fi
    done
}

expect "complete convert" mixfill co
expect "--help --version" mixfill --
expect "predict" mixfill help pr
expect "" mixfill help fit x
expect "--max-iter= --max-memory=" mixfill fit --max
expect_all --member= --min-var= --model= -- mixfill fit -k 3 --m
expect "--seen=" mixfill evaluate --se
expect "--top=" mixfill recommend --to
expect "" mixfill fit --no-such
expect_all classic map -- mixfill fit --model =
expect_all classic map -- mixfill fit --model ""
expect "map" mixfill fit --model = ma
expect "map" mixfill fit --model ma
expect "csv" mixfill fit x.csv --format = c
expect "error first last mean" mixfill convert --duplicates =
expect "int string" mixfill check --ids =
expect "last random time user" mixfill split --method =
expect "csv dat dense mtx npy npz tab triplets" mixfill convert --to =
expect "csv dat dense mtx npy npz tab triplets" mixfill check --to =
expect "ml-100k ml-10m ml-1m ml-25m ml-32m" mixfill generate --shape =
expect "movielens uniform" mixfill generate --popularity =
expect "always auto never" mixfill cv --progress ""
expect "" mixfill fit --seed =
expect "" mixfill fit -k ""
expect "" mixfill recommend --item
expect "model.npz" mixfill fit -o m
expect "ratings.csv" mixfill fit --valid = r
expect "folder model.npz ratings.csv" mixfill fit ""
expect "ratings.csv" mixfill fit --json r
expect "" mixfill no-such-command --

commands=$("$program" help | sed -n '/^Commands:$/,/^$/s/^  \([a-z]*\) .*/\1/p')
[ "$(wc -w <<<"$commands")" -ge 12 ]
for command in $commands; do
    expect "$command" mixfill "$command"
    expect "$command" mixfill help "$command"
    # --usage, which argp makes of the same tables, lists the options by itself.
    options=$("$program" "$command" --usage | grep -o -e '\[--[a-z-]*[]=]' | tr -d '[]' |
        LC_ALL=C sort -u | paste -sd ' ')
    [[ $options == *--help* ]]
    expect "$options" mixfill "$command" --
done

# Nothing was run that writes.
expect "folder model.npz ratings.csv" mixfill fit ""
[ "$failed" -eq 0 ]
echo "completions of $(wc -w <<<"$commands") commands are as expected"
