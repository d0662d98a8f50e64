#!/usr/bin/env bash
# consumer.sh BUILD: install a build and use it as others would: the C example of docs/library.md, built
# with CMake and with pkg-config, against the shared and the static library, must print what the
# the page says. A version that is too new is refused. Compiler and flags are those of the build, which
# its sanitizers need. Exit status 77 where a tool is missing.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
build=$(realpath -e "$1")
cc=$(sed -n 's/^CMAKE_C_COMPILER:[A-Z]*=//p' "$build/CMakeCache.txt")
c_flags=$(sed -n 's/^CMAKE_C_FLAGS:[A-Z]*=//p' "$build/CMakeCache.txt")
page=$here/../../docs/library.md
for tool in cmake pkg-config "$cc"; do
    command -v "$tool" >/dev/null || {
        echo "skipped: no $tool"
        exit 77
    }
done

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cd "$scratch"

cmake --install "$build" --prefix "$scratch/prefix" >install.log
# Every part of the header is there, and nothing else.
diff -r "$here/../../include/mixfill" "$scratch/prefix/include/mixfill"
version=$("$scratch/prefix/bin/mixfill" --version)
version=${version#mixfill }
libdir=$(dirname "$(find "$scratch/prefix" -name libmixfill.a)")
export PKG_CONFIG_PATH=$libdir/pkgconfig LC_ALL=C

mkdir consumer
cp "$here/consumer/CMakeLists.txt" consumer/
sed -n '/^```c$/,/^```$/{/^```/d;p}' "$page" >consumer/example.c
sed -n '/^This prints$/,/^after/s/^    //p' "$page" >expected
grep -q main consumer/example.c
[ -s expected ]

# Run a program and compare what it prints; it must need the shared library, or must not.
expect() { # shared|static PROGRAM
    LD_LIBRARY_PATH=$libdir "$2" >output
    diff -u expected output
    ldd "$2" >needed
    if grep -q libmixfill needed; then
        [ "$1" = shared ]
    else
        [ "$1" = static ]
    fi
    echo "$1 library: $2 prints what the page says"
}

configure() { # FOLDER OPTION...
    local folder=$1
    shift
    cmake -S consumer -B "$folder" -DCMAKE_C_COMPILER="$cc" -DCMAKE_C_FLAGS="$c_flags" \
        -DCMAKE_PREFIX_PATH="$scratch/prefix" "$@"
}

configure cmake -DWANTED="$version" >cmake.log
cmake --build cmake >>cmake.log
expect shared cmake/shared
expect static cmake/static

# The next minor version, and the next major one.
IFS=. read -r major minor _ <<<"$version"
for newer in "$major.$((minor + 1))" "$((major + 1)).0"; do
    if configure "cmake-$newer" -DWANTED="$newer" >newer.log 2>&1; then
        echo "CMake took $version for $newer" >&2
        exit 1
    fi
    grep -q 'compatible with requested' newer.log
    if pkg-config --exists "mixfill >= $newer"; then
        echo "pkg-config took $version for $newer" >&2
        exit 1
    fi
done
echo "a version that is too new is refused"

read -ra flags <<<"$c_flags $(pkg-config --cflags --libs "mixfill = $version")"
"$cc" -std=c11 -Wall -Wextra -Wpedantic -Werror consumer/example.c -o pc-shared "${flags[@]}"
expect shared ./pc-shared

# By ctypes the same prediction as the program's. A library with sanitizers needs a program with them.
if ! command -v python3 >/dev/null || [[ $c_flags == *sanitize* ]]; then
    echo "skipped: ctypes"
else
    sed -n '/^```python$/,/^```$/{/^```/d;p}' "$page" >example.py
    "$scratch/prefix/bin/mixfill" fit "$here/../../data/sample.csv" -o sample.npz >/dev/null 2>&1
    "$scratch/prefix/bin/mixfill" predict sample.npz --user 7 --item 8 --digits full --json 2>/dev/null >pair.json
    LD_LIBRARY_PATH=$libdir python3 example.py "$here/../../data/sample.csv" 7 8 >by_ctypes
    python3 -c 'import json
p = json.load(open("pair.json"))["predictions"][0]
rating, sd, user, item = open("by_ctypes").read().split()
assert (float(rating), float(sd), user, item) == (p["rating"], p["sd"], str(p["known_user"]), str(p["known_item"]))'
    LD_LIBRARY_PATH=$libdir python3 example.py no-such-file 7 8 2>refused && exit 1
    grep -q '^no-such-file: ' refused
    echo "ctypes: the pair is that of the program"
fi

# What libzip's own file names for static linking is more than its development package brings.
echo 'int main(void) { return 0; }' >nothing.c
read -ra flags <<<"$c_flags $(pkg-config --static --libs libzip)"
if "$cc" nothing.c -o nothing "${flags[@]}" 2>nothing.log; then
    cp -r prefix static-prefix
    rm "${libdir/prefix/static-prefix}"/libmixfill.so*
    PKG_CONFIG_PATH=${PKG_CONFIG_PATH/prefix/static-prefix}
    read -ra flags <<<"$c_flags $(pkg-config --static --cflags --libs mixfill)"
    "$cc" -std=c11 -Wall -Wextra -Wpedantic -Werror consumer/example.c -o pc-static "${flags[@]}"
    expect static ./pc-static
else
    echo "skipped: pkg-config --static: $(head -n 1 nothing.log)"
fi

# Without what the static library links, the shared one is still found, and the other asked for in
# vain.
export PKG_CONFIG_LIBDIR=$scratch/none PKG_CONFIG_PATH=
configure cmake-alone -DWANTED="$version" -DSHARED_ONLY=ON >alone.log
cmake --build cmake-alone >>alone.log
expect shared cmake-alone/shared
if configure cmake-vain -DWANTED="$version" >vain.log 2>&1; then
    echo "the component static was found without libzip" >&2
    exit 1
fi
grep -q 'component static of mixfill' vain.log
