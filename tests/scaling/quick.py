"""bench/scaling --quick on tiny data: all files come out, and crowded points are refused or marked.
quick.py MIXFILL BENCH_FIT"""
import csv
import json
import os
import subprocess
import sys
import tempfile

ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")
SCALING = os.path.join(ROOT, "bench", "scaling")
MIXFILL, BENCH_FIT = (os.path.abspath(path) for path in sys.argv[1:3])
CORES = len(os.sched_getaffinity(0))
TINY = ["--quick", "--users", "300", "--items", "200", "--ratings", "8000", "-k", "3",
        "--repetitions", "2", "--iterations", "2", "--data", "movielens"]
PLOTS = ("time", "speedup", "efficiency", "karp-flatt", "weak-efficiency", "phases", "bandwidth")


def study(folder, *more, mixfill=MIXFILL):
    command = [sys.executable, "-B", SCALING, "-o", folder, "--mixfill", mixfill, "--bench-fit",
               BENCH_FIT, *TINY, *more]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def read(*path):
    with open(os.path.join(*path), encoding="utf-8") as file:
        return file.read()


def rows(folder, name="scaling.csv"):
    return list(csv.DictReader(read(folder, name).splitlines()))


def check_raw(folder):
    raw = json.loads(read(folder, "raw.json"))
    for key in ("date", "num_cpus", "caches", "load_avg", "library_build_type", "executable"):
        assert key in raw["context"], key
    for e in raw["benchmarks"]:
        for key in ("name", "run_name", "run_type", "repetitions", "repetition_index", "threads",
                    "iterations", "real_time", "cpu_time", "time_unit"):
            assert key in e, (key, e)
    fits = [e for e in raw["benchmarks"] if e["what"] == "fit"]
    assert all(len(e["samples"]) == 2 and e["environment"]["OMP_PLACES"] == "cores" for e in fits)
    assert {e["bind"] for e in fits} == {"close", "spread"}
    assert len(raw["warmups"]) * 2 == len(fits)


def check_files(folder):
    for name in PLOTS:
        assert "#ffffff" in read(folder, "plots", name + ".svg"), name
        with open(os.path.join(folder, "plots", name + ".png"), "rb") as file:
            assert file.read(4) == b"\x89PNG", name
    report = read(folder, "report.md")
    for text in ("## Machine", "## Strong scaling", "## Weak scaling", "Netflix Prize",
                 "Predicted, not measured", "OMP_PLACES=cores"):
        assert text in report, text
    assert {r["kind"] for r in rows(folder)} == {"measured"}
    assert {r["kind"] for r in rows(folder, "predictions.csv") + rows(folder, "sizes.csv")} == \
        {"predicted"}
    assert not os.path.exists(os.path.join(folder, "data"))
    for name in ("scaling.csv", "predictions.csv", "sizes.csv"):
        assert "nan" not in read(folder, name) and "inf" not in read(folder, name), name


def check_again(folder):
    """The raw file alone gives the same CSV and report."""
    again = os.path.join(folder, "again")
    subprocess.run([sys.executable, "-B", SCALING, "--report", os.path.join(folder, "raw.json"),
                    "-o", again], check=True, capture_output=True)
    for name in ("scaling.csv", "predictions.csv", "sizes.csv", "report.md"):
        assert read(folder, name) == read(again, name), name


def check_study(folder):
    done = study(folder)
    assert done.returncode == 0, done.stderr
    check_raw(folder)
    check_files(folder)
    check_again(folder)


def check_crowded(folder):
    crowded = str(CORES + 1)
    done = study(folder, "--threads", crowded)
    assert done.returncode == 2 and "--threads %s: more than the" % crowded in done.stderr, done
    assert not os.path.exists(folder)
    done = study(folder, "--threads", crowded, "--oversubscribe", "--no-weak", "--no-limits", "--bind",
                 "close", "--data", os.path.join(ROOT, "data", "sample.csv"))
    assert done.returncode == 0, done.stderr
    assert [(r["data"], r["oversubscribed"]) for r in rows(folder)] == [
        ("movielens", "no"), ("movielens", "yes"), ("sample", "no"), ("sample", "yes")]
    assert "| %s (*) |" % crowded in read(folder, "report.md")
    assert "more threads than cores" in read(folder, "plots", "time.gp")


def check_models_must_agree(folder):
    os.makedirs(folder)
    fake = os.path.join(folder, "fake")
    with open(fake, "w", encoding="utf-8") as file:
        file.write('#!/bin/sh\n[ "$1" != fit ] || set -- "$@" --seed $$\nexec "%s" "$@"\n' % MIXFILL)
    os.chmod(fake, 0o755)
    done = study(folder, "--threads", "1", "--no-weak", mixfill=fake)
    assert done.returncode == 1 and "the model is not that of" in done.stderr, done
    assert json.loads(read(folder, "raw.json"))["warmups"]


with tempfile.TemporaryDirectory() as scratch:
    check_study(os.path.join(scratch, "study"))
    check_crowded(os.path.join(scratch, "crowded"))
    check_models_must_agree(os.path.join(scratch, "differing"))
print("all files made, crowded points refused or marked, differing models stop the study")
