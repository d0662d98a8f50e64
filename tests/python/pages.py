#!/usr/bin/env python3
"""README.md and docs/*.md say what the program does: pages.py MIXFILL.

- Every command in a ```console block of a page below runs and exits with 0, in the order of the page,
  in a folder with the files the page speaks of. Where output is shown, its first line is printed,
  numbers and blanks apart.
- Every option that README.md and docs/commands.md name is one of the program's, and every command and
  option of the program is in docs/commands.md or docs/formats.md.
- Links lead to pages and headings that are there. README.md has at most 200 lines of at most 120
  characters.

MIXFILL_TEST_DATA names a folder of reference data. Without its MovieLens ratings data/sample.csv
takes their place, and without the notebook's matrices its page is not run."""
import glob
import os
import re
import shlex
import subprocess
import sys
import tempfile

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
MIXFILL = os.path.realpath(sys.argv[1])
DATA = os.path.join(os.environ.get("MIXFILL_TEST_DATA", ""), "data")
# Of other programs, or of none.
FOREIGN = {"--prefix", "--preset", "--build", "--install", "--option", "--cflags", "--libs", "--static"}
NOT_DOCUMENTED = {"--usage", "--items"}  # the latter is deprecated
failures = []


def fail(text):
    print("FAILED:", text, flush=True)
    failures.append(text)


def text_of(page):
    with open(os.path.join(ROOT, page), encoding="utf-8") as file:
        return file.read()


# ---- commands ----

def blocks(text, kind):
    return re.findall(rf"^```{kind}\n(.*?)^```$", text, re.M | re.S)


def commands(text):
    """(command, lines shown below it) of every console block. A command may go on after a backslash."""
    for block in blocks(text, "console"):
        for part in re.split(r"^\$ ", block, flags=re.M)[1:]:
            lines = part.rstrip("\n").split("\n")
            end = next(i for i, line in enumerate(lines) if not line.endswith("\\"))
            yield "\n".join(lines[:end + 1]), lines[end + 1:]


def shape(line):
    """A line, numbers and blanks apart."""
    return re.sub(r"\s+", " ", re.sub(r"[0-9]+(\.[0-9]+)?", "0", line)).strip()


def run_page(page, folder):
    print(f"== {page}", flush=True)
    environment = {**os.environ, "PATH": f"{folder}/bin:{os.environ['PATH']}", "LC_ALL": "C"}
    for command, shown in commands(text_of(page)):
        done = subprocess.run(["bash", "-c", command], cwd=folder, env=environment, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL, encoding="utf-8", check=False)
        print(f"$ {command}\n{done.stdout[:2000]}", flush=True)
        if done.returncode != 0:
            fail(f"{page}: exit status {done.returncode}: {command}")
        elif shown and shape(shown[0]) not in map(shape, done.stdout.splitlines()):
            fail(f"{page}: '{shown[0]}' is not what is printed by {command}")


def folder_with(folder, *files):
    os.mkdir(folder)
    os.mkdir(f"{folder}/bin")
    os.symlink(MIXFILL, f"{folder}/bin/mixfill")
    for path in files:
        os.symlink(path, f"{folder}/{os.path.basename(path)}")
    return folder


def ratings_folder(folder):
    movielens = [f"{DATA}/ml-latest-small/{name}" for name in ("ratings.csv", "movies.csv")]
    if all(map(os.path.exists, movielens)):
        return folder_with(folder, *movielens)
    print("skipped: no MovieLens in MIXFILL_TEST_DATA, data/sample.csv takes its place")
    folder_with(folder)
    os.symlink(f"{ROOT}/data/sample.csv", f"{folder}/ratings.csv")
    with open(f"{folder}/movies.csv", "w", encoding="utf-8") as file:
        file.write("movieId,title,genres\n" + "".join(f"{i},Film {i},none\n" for i in range(1, 1501)))
    return folder


def run_pages(scratch):
    run_page("README.md", ratings_folder(f"{scratch}/readme"))
    run_page("docs/commands.md", ratings_folder(f"{scratch}/commands"))
    matrices = [f"{DATA}/netflix/netflix_{name}complete.txt" for name in ("in", "")]
    if all(map(os.path.exists, matrices)):
        run_page("docs/notebook.md", folder_with(f"{scratch}/notebook", *matrices))
    else:
        print("skipped: docs/notebook.md, its matrices are not in MIXFILL_TEST_DATA")


# ---- options ----

def program(*args):
    return subprocess.run([MIXFILL, *args], stdout=subprocess.PIPE, encoding="utf-8", check=True).stdout


def named_options(text):
    return set(re.findall(r"(?<![\w-])--[a-z][a-z-]*", text))


def check_options():
    names = re.findall(r"^  ([a-z]+) +\S", program("help").split("Exit status")[0], re.M)
    of_program = {name: named_options(program(name, "--usage")) for name in names}
    every = set().union(*of_program.values())
    pages = text_of("docs/commands.md") + text_of("docs/formats.md")
    for page in ("README.md", "docs/commands.md"):
        for option in sorted(named_options(re.sub(r"^ *scripts/.*$", "", text_of(page), flags=re.M)) - every - FOREIGN):
            fail(f"{page} names {option}, which no command has")
    for name in names:
        if not re.search(rf"^## .*\b{name}\b", text_of("docs/commands.md"), re.M):
            fail(f"docs/commands.md has no heading of {name}")
        for option in sorted(of_program[name] - named_options(pages) - NOT_DOCUMENTED):
            fail(f"docs/commands.md and docs/formats.md do not name {option} of {name}")
    for page in ("README.md", "docs/commands.md"):
        for command, _ in commands(text_of(page)):
            words = shlex.split(command.split("|")[0].split(">")[0])
            if words[:1] == ["mixfill"] and not named_options(command) <= of_program[words[1]]:
                fail(f"{page}: {sorted(named_options(command) - of_program[words[1]])} of {words[1]}")


# ---- links and lines ----

def anchors(page):
    """Of a page's headings, as the forges make them."""
    return {re.sub(r"[^a-z0-9 _-]", "", title.lower()).replace(" ", "-")
            for title in re.findall(r"^#+ (.*)$", text_of(page), re.M)}


def check_links(page):
    for link in re.findall(r"\]\(([^)\s]+)\)", text_of(page)):
        if re.match(r"[a-z]+:", link):
            continue
        path, _, anchor = link.partition("#")
        target = os.path.relpath(os.path.join(ROOT, os.path.dirname(page), path), ROOT) if path else page
        if not os.path.exists(os.path.join(ROOT, target)):
            fail(f"{page}: {link} is not there")
        elif anchor and anchor not in anchors(target):
            fail(f"{page}: {target} has no heading #{anchor}")


def check_lines():
    lines = text_of("README.md").splitlines()
    if len(lines) > 200:
        fail(f"README.md has {len(lines)} lines, expected at most 200")
    for number, line in enumerate(lines, 1):
        if len(line) > 120:
            fail(f"README.md:{number}: {len(line)} characters, expected at most 120")


def self_test():
    text = "```console\n$ a \\\n    b\nshown 1\n$ c\n```\n"
    assert list(commands(text)) == [("a \\\n    b", ["shown 1"]), ("c", [])]
    assert shape("   1    4.46   858") == shape("2 4.5 8") != shape("a 4.5 8")
    assert named_options("`--top N`, --no-users; a--b") == {"--top", "--no-users"}


self_test()
check_lines()
for each in ["README.md", *sorted(os.path.relpath(path, ROOT) for path in glob.glob(f"{ROOT}/docs/*.md"))]:
    check_links(each)
check_options()
with tempfile.TemporaryDirectory() as temporary:
    run_pages(temporary)
sys.exit("\n".join([f"{len(failures)} failures:", *failures]) if failures else 0)
