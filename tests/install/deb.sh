#!/usr/bin/env bash
# deb.sh FOLDER: the Debian packages in FOLDER hold what they should, install, work, and leave
# nothing behind. Exit status 77 where this is not root's Debian or a mixfill is installed already.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$here/../..
cd "$1"
version=$(sed -n 's/^#define MIXFILL_VERSION_[A-Z]* //p' "$root/include/mixfill/mixfill.h" |
    paste -sd .)
library=libmixfill${version%%.*}
packages=(mixfill "$library" libmixfill-dev)
if [ "$(id -u)" -ne 0 ] || ! command -v dpkg-deb >/dev/null; then
    echo "skipped: not root on Debian"
    exit 77
fi
for package in "${packages[@]}"; do
    if dpkg-query -W "$package" >/dev/null 2>&1; then
        echo "skipped: $package is installed"
        exit 77
    fi
done

fail() {
    echo "deb: $*" >&2
    exit 1
}

debs=()
for package in "${packages[@]}"; do
    found=("$package"_*.deb)
    if [ ${#found[@]} -ne 1 ] || [ ! -e "${found[0]}" ]; then
        fail "expected one package of $package"
    fi
    debs+=("./${found[0]}")
done

scratch=$(mktemp -d)
clean_up() {
    dpkg --purge "${packages[@]}" >"$scratch/purge.log" 2>&1 || true
    rm -rf "$scratch"
}
trap clean_up EXIT

# What they say of themselves, and hold.
for deb in "${debs[@]}"; do
    dpkg-deb --info "$deb" >"$scratch/info"
    dpkg-deb --contents "$deb" | awk '{ print $6 }' >>"$scratch/contents"
    [ "$(dpkg-deb --field "$deb" Version)" = "$version-1" ] || fail "$deb: not version $version-1"
    dpkg-deb --contents "$deb" | awk '$2 != "root/root" { exit 1 }' || fail "$deb: not all is root's"
done
for dependency in libc6 libgomp1 libjansson4 libzip4 zlib1g libzstd1 libbz2-1.0 liblzma5; do
    for deb in "${debs[@]:0:2}"; do
        dpkg-deb --field "$deb" Depends >"$scratch/depends"
        grep -q "$dependency" "$scratch/depends" || fail "$deb does not depend on $dependency"
    done
done
for file in usr/bin/mixfill usr/share/man/man1/mixfill.1.gz usr/share/man/man1/mixfill-fit.1.gz \
    usr/share/bash-completion/completions/mixfill \
    "usr/lib/.*/libmixfill.so.${version%%.*}" 'usr/lib/.*/libmixfill.a' 'usr/lib/.*/pkgconfig/mixfill.pc' \
    'usr/lib/.*/cmake/mixfill/mixfillConfig.cmake' usr/share/doc/mixfill/copyright \
    "usr/share/doc/$library/changelog.gz"; do
    grep -qx "\./$file" "$scratch/contents" || fail "$file is in no package"
done
for header in "$root"/include/mixfill/*.h; do
    grep -qx "\./usr/include/mixfill/${header##*/}" "$scratch/contents" || fail "$header is in no package"
done
if command -v lintian >/dev/null; then
    lintian --fail-on error --allow-root "${debs[@]}" || fail "lintian"
fi

# They install and work; the compiler finds the library with no more than its name.
DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${debs[@]}" \
    >"$scratch/install.log" 2>&1 || { cat "$scratch/install.log" >&2; fail "apt-get install"; }
[ "$(/usr/bin/mixfill --version)" = "mixfill $version" ] || fail "/usr/bin/mixfill --version"
/usr/bin/mixfill fit "$root/data/sample.csv" -o "$scratch/model.npz" >"$scratch/fit.log" 2>&1
[ -s "$scratch/model.npz" ] || fail "no model"
sed -n '/^```c$/,/^```$/{/^```/d;p}' "$root/docs/library.md" >"$scratch/example.c"
cc "$scratch/example.c" -o "$scratch/example" -lmixfill
"$scratch/example" >"$scratch/output"
sed -n '/^This prints$/,/^after/s/^    //p' "$root/docs/library.md" | diff - "$scratch/output" || fail "the example of docs/library.md"
pkg-config --exists "mixfill = $version" || fail "pkg-config"

# They go, and nothing stays.
dpkg --purge "${packages[@]}" >"$scratch/purge.log" 2>&1 || fail "$(cat "$scratch/purge.log")"
for package in "${packages[@]}"; do
    ! dpkg-query -W "$package" >/dev/null 2>&1 || fail "$package is still known"
done
while read -r path; do
    case $path in
    */mixfill | */libmixfill* | */mixfill/* | */mixfill*.1.gz | */mixfill.pc)
        [ ! -e "/${path#./}" ] || fail "/${path#./} is left"
        ;;
    esac
done <"$scratch/contents"
echo "${#debs[@]} packages of $version hold, do and leave what they should"
