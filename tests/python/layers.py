"""layers.py --order LAYER,... --build BUILD [--nm NM] OBJECT...

No file of src/ may use one that stands above it. What a file uses is read from its #include lines and
from the names its object file asks for. A file x.c and its header x.h count as one; a header without
a .c of its own stands for itself.

Refused are
    up      a use of a folder that comes later in the order (src/kinds.c is a layer of its own), or of
            one kind of model by another: the layers between model and kinds.c know nothing of each other
    circle  files of a folder that use each other, directly or by way of others
    cli     a header of the library other than <mixfill/...>, or a name that no public header declares,
            used by the program

Every run begins with a test of the checks themselves, on a tree with planted faults.
"""

import argparse
import pathlib
import re
import subprocess
import sys
import tempfile

INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*(["<])([^">]+)[">]', re.MULTILINE)
PUBLIC = re.compile(r"^MIXFILL_(?:API|CHECK)\s[^;]*?(mixfill_\w+)\(", re.MULTILINE)
PROGRAM = "cli"
BELOW_KINDS, ABOVE_KINDS = "model", "kinds.c"


class Tree:
    """What is used by what: from source files to source files, paths relative to src/."""

    def __init__(self, order, files, public):
        self.order = order
        self.files = files
        self.public = public  # names that public headers declare
        self.uses = []  # (file, used file, reason)
        self.faults = {}  # fault: reasons

    def layer(self, path):
        """A folder, or the .c of a file that lies in none."""
        folder, slash, _ = path.partition("/")
        return folder if slash else folder[:-2] + ".c"

    def node(self, path):
        """A .c together with its .h."""
        stem = path[:-2]
        return stem if stem + ".c" in self.files else path

    def fault(self, kind, source, target, reason):
        self.faults.setdefault(f"{kind}: {source} -> {target}", []).append(reason)

    def add_includes(self, path, text):
        for quote, name in INCLUDE.findall(text):
            reason = f"{path}: #include {quote}{name}{'>' if quote == '<' else quote}"
            if quote == "<":
                continue
            if name not in self.files:
                self.fault("unknown", path, name, reason)
            elif self.layer(path) == PROGRAM and self.layer(name) != PROGRAM:
                self.fault("cli", self.node(path), self.node(name), reason)
            else:
                self.uses.append((path, name, reason))

    def add_names(self, names):
        """names: {file: (defined, asked for)}."""
        home = {name: path for path, (defined, _) in names.items() for name in defined}
        for path, (_, asked) in names.items():
            for name in sorted(asked & home.keys()):
                target, reason = home[name], f"{path}: {name}, of {home[name]}"
                if self.layer(path) != PROGRAM or self.layer(target) == PROGRAM:
                    self.uses.append((path, target, reason))
                elif name not in self.public:
                    self.fault("cli", self.node(path), self.node(target), reason)

    def runs_up(self, source, target):
        a, b = self.order.index(self.layer(source)), self.order.index(self.layer(target))
        kinds = range(self.order.index(BELOW_KINDS) + 1, self.order.index(ABOVE_KINDS))
        return b > a or (a != b and a in kinds and b in kinds)

    def check(self):
        """All faults, each with its reasons."""
        for layer in sorted({self.layer(path) for path in self.files} - set(self.order)):
            self.fault("unknown", layer, "order", f"src/{layer} is not in the order of layers")
        graph = {}
        for source, target, reason in self.uses:
            a, b = self.node(source), self.node(target)
            if not {self.layer(source), self.layer(target)} <= set(self.order) or a == b:
                continue
            if self.runs_up(source, target):
                self.fault("up", a, b, reason)
            else:
                graph.setdefault(a, {}).setdefault(b, []).append(reason)
        # What does not run up can only go round within a folder.
        for group in circles(graph):
            for a in sorted(group):
                for b in sorted(group & graph[a].keys()):
                    self.faults[f"circle: {a} -> {b}"] = graph[a][b]
        return self.faults


def circles(graph):
    """Sets of more than one node that all reach each other (Tarjan 1972)."""
    index, low, stack, found = {}, {}, [], []

    def visit(a):
        index[a] = low[a] = len(index)
        stack.append(a)
        for b in graph.get(a, ()):
            if b not in index:
                visit(b)
            if b in stack:
                low[a] = min(low[a], low[b])
        if low[a] == index[a]:
            at = stack.index(a)
            group = set(stack[at:])
            del stack[at:]
            if len(group) > 1:
                found.append(group)

    for a in sorted(graph):
        if a not in index:
            visit(a)
    return found


def parse_names(listing):
    """Defined and asked-for names of `nm -P -g`."""
    defined, asked = set(), set()
    for line in listing.splitlines():
        fields = line.split()
        if len(fields) >= 2 and len(fields[1]) == 1:
            (asked if fields[1] in "Uwv" else defined).add(fields[0])
    return defined, asked


def source_of(object_path, build):
    """The file under src/ an object is made of: FOLDER/CMakeFiles/TARGET.dir/PATH.o of a build."""
    path = pathlib.Path(object_path).resolve().relative_to(pathlib.Path(build).resolve()).as_posix()
    folder, _, rest = path.rpartition("CMakeFiles/")
    return (folder + rest.split("/", 1)[1]).removeprefix("src/")[:-2]


def read_tree(root, order, names):
    """The tree of a checkout; names as for Tree.add_names."""
    src = pathlib.Path(root, "src")
    files = {p.relative_to(src).as_posix(): p.read_text() for p in sorted(src.rglob("*.[ch]"))}
    headers = pathlib.Path(root, "include", "mixfill").glob("*.h")
    public = {name for header in headers for name in PUBLIC.findall(header.read_text())}
    tree = Tree(order, set(files), public)
    for path, text in files.items():
        tree.add_includes(path, text)
    for path in sorted(names.keys() - files.keys()):
        tree.fault("unknown", path, "src", f"src/{path}, of which an object is made, does not exist")
    tree.add_names(names)
    return tree


def complaints(faults):
    """A line for each fault, and one for each reason of it."""
    return [line for fault in sorted(faults)
            for line in (fault, *("    " + reason for reason in faults[fault]))]


PLANTED_ORDER = ["base", "model", "mixture", "factor", "kinds.c", "use", "cli"]
PLANTED_FILES = {
    "include/mixfill/mixfill.h": "MIXFILL_CHECK mixfill_status\nmixfill_fit(int x,\n  int y);\n",
    "src/base/base.h": "#include <mixfill/mixfill.h>\n",
    "src/base/base.c": '#include "base/base.h"\n',
    "src/base/up.c": '  #  include "use/use.h"\n',
    "src/model/model.c": '#include "base/base.h"\n',
    "src/mixture/a.h": '#include "base/base.h"\n',
    "src/mixture/a.c": '#include "mixture/a.h"\n#include "mixture/lone.h"\n',
    "src/mixture/b.h": "",
    "src/mixture/b.c": '#include "mixture/b.h"\n#include "mixture/c.h"\n',
    "src/mixture/c.h": "",
    "src/mixture/c.c": '#include "mixture/a.h"\n',
    "src/mixture/lone.h": '#include "base/base.h"\n',
    "src/factor/factor.c": '#include "mixture/b.h"\n',
    "src/kinds.h": "",
    "src/kinds.c": '#include "kinds.h"\n#include "mixture/a.h"\n#include "use/use.h"\n#include "nowhere.h"\n',
    "src/use/use.h": '#include "mixture/lone.h"\n',
    "src/use/use.c": '#include "use/use.h"\n#include "mixture/a.h"\n',
    "src/cli/main.c": '#include <mixfill/mixfill.h>\n#include "cli/cli.h"\n#include "base/base.h"\n',
    "src/cli/cli.h": "",
    "src/extra/extra.c": "",
}
PLANTED_NAMES = {
    "base/base.c": "mixfill_alloc T 0 10\nmalloc U\nlocal t 0 1\n",
    "model/model.c": "mixfill_model_free T 0 10\nmixfill_alloc U\nmixfill_use U\n",
    "mixture/a.c": "mixfill_a T 0 10\nmixfill_b U\n",
    "mixture/b.c": "mixfill_b D 0 8\n",
    "use/use.c": "mixfill_fit T 0 10\nmixfill_use B 0 8\nmixfill_a U\nmixfill_alloc w\n",
    "cli/main.c": "main T 0 10\nmixfill_fit U\nmixfill_use U\nprintf U\n",
}
PLANTED_FAULTS = {
    "up: base/up -> use/use",
    "up: model/model -> use/use",
    "up: factor/factor -> mixture/b",
    "up: kinds -> use/use",
    "circle: mixture/a -> mixture/b",
    "circle: mixture/b -> mixture/c",
    "circle: mixture/c -> mixture/a",
    "cli: cli/main -> base/base",
    "cli: cli/main -> use/use",
    "unknown: kinds.c -> nowhere.h",
    "unknown: extra -> order",
}


def self_test():
    """Whether the planted faults are found, each with the line or name behind it."""
    with tempfile.TemporaryDirectory() as root:
        for name, text in PLANTED_FILES.items():
            path = pathlib.Path(root, name)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        names = {path: parse_names(listing) for path, listing in PLANTED_NAMES.items()}
        faults = read_tree(root, PLANTED_ORDER, names).check()
    assert faults.keys() == PLANTED_FAULTS, faults.keys() ^ PLANTED_FAULTS
    assert faults["up: base/up -> use/use"] == ['base/up.c: #include "use/use.h"']
    assert faults["up: model/model -> use/use"] == ["model/model.c: mixfill_use, of use/use.c"]
    assert faults["circle: mixture/a -> mixture/b"] == ["mixture/a.c: mixfill_b, of mixture/b.c"]
    assert faults["cli: cli/main -> use/use"] == ["cli/main.c: mixfill_use, of use/use.c"]
    assert len(complaints(faults)) > len(faults)
    assert source_of("/b/CMakeFiles/lib.dir/src/use/use.c.o", "/b") == "use/use.c"
    assert source_of("/b/src/cli/CMakeFiles/program.dir/main.c.o", "/b") == "cli/main.c"


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--order", required=True, type=lambda text: text.split(","))
    parser.add_argument("--build", required=True)
    parser.add_argument("--nm", default="nm")
    parser.add_argument("objects", nargs="+")
    arguments = parser.parse_args()
    self_test()
    names = {}
    for path in arguments.objects:
        listing = subprocess.run([arguments.nm, "-P", "-g", path], check=True, capture_output=True, text=True)
        names[source_of(path, arguments.build)] = parse_names(listing.stdout)
    tree = read_tree(pathlib.Path(__file__).parents[2], arguments.order, names)
    faults = tree.check()
    print("\n".join(complaints(faults)) if faults else
          f"{len(tree.files)} files, {len(tree.uses)} uses, no fault")
    return 1 if faults else 0


sys.exit(main())
