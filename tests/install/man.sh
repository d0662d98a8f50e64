#!/usr/bin/env bash
# man.sh PROGRAM FOLDER: the manual pages in FOLDER are one of the program and one of each command,
# have the sections they should and every option, and groff has nothing to say against them. Exit
# status 77 without groff.
set -euo pipefail
program=$(realpath -e "$1")
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
    for section in NAME SYNOPSIS DESCRIPTION "SEE ALSO"; do
        grep -qx "$section" <<<"$text" || fail "$page: no section $section"
    done
    grep -q "^ *${page%.1} - \|^ *${page%.1}  *-  *" <<<"$text" || fail "$page: no line of its name"
done
for command in $commands; do
    text=$(groff -man -Tascii -P-cbou "mixfill-$command.1")
    for option in $("$program" "$command" --usage | grep -o -e '\[--[a-z-]*[]=]' | tr -d '[]'); do
        grep -q -e "^ .*$option" <<<"$text" || fail "mixfill-$command.1: no $option"
    done
done
[ "$failed" -eq 0 ]
echo "$(wc -w <<<"$want") pages are as expected"
