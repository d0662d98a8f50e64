#!/usr/bin/env bash
# man.sh PROGRAM FOLDER: the manual pages in FOLDER are one of the program and one of each command,
# have the sections they should, every option and every example, and groff has nothing to say against
# them. Exit status 77 without groff. That the examples run is tests/cli/examples.sh's to see.
set -euo pipefail
program=$(realpath -e "$1")
texts=$(realpath -e "$(dirname "${BASH_SOURCE[0]}")/../../docs/man")
cd "$2"
command -v groff >/dev/null || {
    echo "skipped: no groff"
    exit 77
}

failed=0
fail() {
    echo "$*" >&2
    failed=1
}

commands=$("$program" help | sed -n '/^Commands:$/,/^$/s/^  \([a-z]*\) .*/\1/p')
want=$({
    echo mixfill.1
    for command in $commands; do echo "mixfill-$command.1"; done
} | LC_ALL=C sort)
[ "$(printf '%s\n' *.1 | LC_ALL=C sort)" = "$want" ] ||
    fail "pages are $(echo ./*.1), expected ${want//$'\n'/ }"

for page in *.1; do
    warnings=$(groff -man -Tutf8 -ww "$page" 2>&1 >/dev/null)
    [ -z "$warnings" ] || fail "$warnings"
    text=$(groff -man -Tutf8 -P-cbou "$page")
    for section in NAME SYNOPSIS DESCRIPTION "EXIT STATUS" ENVIRONMENT EXAMPLES "SEE ALSO"; do
        [ "$(grep -cx "$section" <<<"$text")" = 1 ] || fail "$page: not one section $section"
    done
    for word in OMP_NUM_THREADS OMP_WAIT_POLICY GOMP_SPINCOUNT NO_COLOR MIXFILL_ISA "128 + n"; do
        grep -q "^ *${word// /  *}" <<<"${text//, /$'\n'}" || fail "$page: no $word"
    done
    name=${page%.1}
    while IFS= read -r example; do
        grep -qF -- "$example" <<<"$text" || fail "$page: no example $example"
    done < <(sed -n 's/^    //p' "$texts/${name#mixfill-}.txt")
    grep -q "^ *${page%.1} - \|^ *${page%.1}  *-  *" <<<"$text" || fail "$page: no line of its name"
done
for command in $commands; do
    text=$(groff -man -Tascii -P-cbou "mixfill-$command.1")
    grep -qx OPTIONS <<<"$text" || fail "mixfill-$command.1: no section OPTIONS"
    for option in $("$program" "$command" --usage | grep -o -e '\[--[a-z-]*[]=]' | tr -d '[]'); do
        grep -q -e "^ .*$option" <<<"$text" || fail "mixfill-$command.1: no $option"
    done
done
[ "$failed" -eq 0 ]
echo "$(wc -w <<<"$want") pages are as expected"
