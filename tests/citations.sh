#!/usr/bin/env bash
# Whether what comments and pages cite is there: every `docs/NAME.md` must be a file, and every
# section number behind it (`docs/NAME.md 4.3`, or a list such as `4.3, 5`) one of its headings
# (`### 4.3 M-step`), as must be a title in quotes (`docs/NAME.md, "How to ..."`). Nothing may cite the design notes the project began with, which are not part
# of it.
#   tests/citations.sh [ROOT]
# First checks itself on small trees with a fault planted in each.
set -euo pipefail
root=$(cd "${1-$(dirname "${BASH_SOURCE[0]}")/..}" && pwd)
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

# FILE:LINE PAGE [SECTION or TITLE] of every citation in the files named on standard input. A citation may go
# on in the next line of a comment.
citations() {
    while IFS= read -r file; do
        awk -v file="$file" '
            { text = text $0 "\n" }
            END {
                line = 1
                while (match(text, /docs\/[a-z_-]+\.md/)) {
                    before = substr(text, 1, RSTART - 1)
                    line += gsub(/\n/, "", before)
                    page = substr(text, RSTART, RLENGTH)
                    text = substr(text, RSTART + RLENGTH)
                    rest = text
                    print file ":" line, page
                    while (match(rest, /^(,|,? (and|to))?[ \n]+([*#\/]+[ \n]+)?[0-9]+(\.[0-9]+)?/)) {
                        number = substr(rest, 1, RLENGTH)
                        sub(/.*[^0-9.]/, "", number)
                        print file ":" line, page, number
                        rest = substr(rest, RLENGTH + 1)
                    }
                    if (match(rest, /^,[ \n]+([*#\/]+[ \n]+)?"[^"]+"/)) {
                        title = substr(rest, 1, RLENGTH)
                        sub(/^[^"]*"/, "", title)
                        sub(/"$/, "", title)
                        gsub(/\n[ *#\/]*/, " ", title)
                        print file ":" line, page, title
                    }
                }
            }' "$file"
    done
}

# Whether page $1 has the heading $2, a number or a title.
has_heading() {
    case $2 in
    [0-9]*) grep -qE "^#+ ${2//./\\.} " "$1" ;;
    *) sed -n 's/^#\{1,\} //p' "$1" | grep -xF -- "$2" >"$scratch/heading" ;;
    esac
}

# What is wrong under a root, a line each; fails where anything is.
check() {
    local place page section faults=0 where=()
    cd "$1"
    for entry in src include tests bench scripts docs README.md; do
        [ -e "$entry" ] && where+=("$entry")
    done
    { grep -rIlE 'docs/[a-z_-]+\.md' "${where[@]}" || true; } | sort | citations >"$scratch/list" ||
        return 1
    while read -r place page section; do
        if [ ! -f "$page" ]; then
            echo "$place: $page is not there"
            faults=$((faults + 1))
        elif [ -n "$section" ] && ! has_heading "$page" "$section"; then
            echo "$place: $page has no section $section"
            faults=$((faults + 1))
        fi
    done <"$scratch/list"
    if grep -rInw 'DESI[G]N' "${where[@]}"; then
        echo "the lines above cite what is not part of the project"
        faults=$((faults + 1))
    fi
    [ "$faults" -eq 0 ]
}

folder=docs # apart from the names, so that this file cites nothing itself
page=$folder/page.md

# plant NAME EXPECTED TEXT: in a tree whose src/a.c holds TEXT, check finds EXPECTED, or nothing where
# that is empty.
plant() {
    local tree=$scratch/tree_$1 found
    mkdir -p "$tree/docs" "$tree/src"
    printf '# Page\n\n## 4 four\n\n### 4.1 one\n\n### 4.10 ten\n\n## How to\n' >"$tree/$folder/page.md"
    printf '%s\n' "$3" >"$tree/src/a.c"
    if found=$(check "$tree") && [ -n "$2" ]; then
        echo "self-test $1: nothing found, expected '$2'"
        exit 1
    fi
    if [ "${found%%$'\n'*}" != "$2" ]; then
        printf 'self-test %s: expected "%s", found:\n%s\n' "$1" "$2" "$found"
        exit 1
    fi
}

plant right "" "/* ($page 4.1, 4.10). See $page 4, and $page
 * 4.10. $page. */"
plant section "src/a.c:2: $page has no section 4.2" "
/* $page 4.1 and 4.2 */"
plant prefix "src/a.c:1: $page has no section 41" "/* $page 41 */"
plant list "src/a.c:1: $page has no section 5" "/* ($page 4.1, 5). */"
plant range "src/a.c:1: $page has no section 5" "/* ($page 4 to 5). */"
plant next_line "src/a.c:1: $page has no section 7" "/* so says $page
 * 7. */"
plant title "" "/* ($page, \"How
 * to\"). */"
plant wrong_title "src/a.c:1: $page has no section How" "/* $page, \"How\" */"
plant file "src/a.c:1: $folder/none.md is not there" "/* $folder/none.md 1 */"
plant notes "src/a.c:1:/* DESI""GN 1.1 */" "/* DESI""GN 1.1 */"

(check "$root") || exit 1
echo "every citation is right"
