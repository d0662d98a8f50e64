"""headers.py INCLUDE CC [CXX]: every public header can be included alone, in C and, where there is a
C++ compiler, in C++, where its functions keep their C names; mixfill.h includes and lists them all.

Each header is compiled into an object that takes the address of every function it declares, and the
names that the object asks for are compared with the declared ones.
"""

import pathlib
import re
import subprocess
import sys
import tempfile

FUNCTION = re.compile(r"^MIXFILL_(?:API|CHECK)\s[^;]*?(mixfill_\w+)\(", re.MULTILINE)
C_FLAGS = ["-std=c11", "-Wall", "-Wextra", "-Wpedantic", "-Wstrict-prototypes", "-Werror"]
CXX_FLAGS = ["-x", "c++", "-std=c++11", "-Wall", "-Wextra", "-Wpedantic", "-Werror"]


def asked_for(compiler, flags, include, header, functions):
    """The names an object asks for that includes a header first and uses all its functions."""
    source = f"#include <mixfill/{header.name}>\n"
    for name in functions:
        source += f"void (*use_{name}(void))(void);\n"
        source += f"void (*use_{name}(void))(void) {{ return (void (*)(void)){name}; }}\n"
    source += "extern int not_empty;\n"
    with tempfile.TemporaryDirectory() as scratch:
        path, output = pathlib.Path(scratch, "use.c"), pathlib.Path(scratch, "use.o")
        path.write_text(source)
        subprocess.run([compiler, *flags, f"-I{include}", "-c", path, "-o", output], check=True)
        names = subprocess.run(["nm", "-u", output], check=True, capture_output=True, text=True)
    return {line.split()[-1] for line in names.stdout.splitlines() if "mixfill_" in line}


def main(include, cc, cxx=None):
    headers = sorted(pathlib.Path(include, "mixfill").glob("*.h"))
    umbrella = pathlib.Path(include, "mixfill", "mixfill.h").read_text()
    faults, count = [], 0
    for header in headers:
        functions = FUNCTION.findall(header.read_text())
        count += len(functions)
        for compiler, flags in ((cc, C_FLAGS), (cxx, CXX_FLAGS)):
            if compiler and asked_for(compiler, flags, include, header, functions) != set(functions):
                faults.append(f"{header.name}: {compiler}: names differ from those declared")
        if header.name == "mixfill.h":
            continue
        if f"#include <mixfill/{header.name}>\n" not in umbrella:
            faults.append(f"{header.name}: mixfill.h does not include it")
        if f" *   {header.name} " not in umbrella:
            faults.append(f"{header.name}: the head of mixfill.h does not list it")
    print("\n".join(faults) or f"{len(headers)} headers, {count} functions, C{'' if not cxx else ' and C++'}")
    return 1 if faults or count < 50 else 0


sys.exit(main(*sys.argv[1:]))
