"""The CSV follows from the raw samples: a made-up raw file, and the numbers computed again here."""
import csv
import json
import os
import random
import subprocess
import sys
import tempfile

SCALING = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "bench", "scaling")
# rank of the interval and what it covers, from tables of the binomial distribution
RANKS = {5: (1, 0.9375), 6: (1, 0.96875), 9: (2, 0.9609375), 10: (2, 0.978515625),
         20: (6, 0.958610535)}
RATINGS, K, USERS = 1000, 3, 40


def entry(study, threads, repetition, ratings, rng, **more):
    e = {"name": "%s/threads:%d" % (study, threads), "run_type": "iteration", "what": "fit",
         "study": study, "data": "made_up", "n_users": USERS * ratings // RATINGS, "n_items": 30,
         "n_ratings": ratings, "k": K, "bind": "close", "threads": threads,
         "oversubscribed": threads > 4, "repetition_index": repetition, "time_unit": "ms",
         "real_time": rng.uniform(8, 12) / threads, "isa": "v1",
         "model_sha256": "%s%d" % (study, ratings), "peak_bytes": rng.randrange(1000, 2000),
         "ratings_bytes": 5 * ratings, "index_bytes": 4 * ratings}
    e.update({name + "_seconds": rng.uniform(0.001, 0.01)
              for name in ("clear", "blocks", "update", "load", "index")})
    e.update(more)
    return e


def limit(threads, part, repetition, rng):
    e = entry("strong", threads, repetition, RATINGS, rng, what="limit", part=part)
    if part == "triad":
        e["bytes_per_second"] = 1e10 * rng.uniform(1, 2)
    return e


def make_raw(repetitions):
    rng = random.Random(repetitions)
    benchmarks = [entry("strong", t, r, RATINGS, rng) for t in (1, 2, 4, 8)
                  for r in range(repetitions)]
    benchmarks += [entry("weak", t, r, t * RATINGS, rng) for t in (1, 2)
                   for r in range(repetitions)]
    benchmarks += [limit(2, part, r, rng) for part in ("triad", "gather") for r in range(3)]
    rng.shuffle(benchmarks)
    machine = {"cpu": "a", "cores": 4, "processors": 4, "usable_cores": 4, "quota": None,
               "numa_nodes": {}, "memory_bytes": 1, "kernel": "k", "governor": "not available",
               "topology_source": "none", "topology": ""}
    context = {"date": "now", "caches": [], "load_avg": [0, 0, 0], "command": ["x"], "seed": 1,
               "repetitions": repetitions, "fit_iterations": 3, "quick": True, "machine": machine,
               "mixfill": {"version": "0", "compiler": "c", "isa": "v1"},
               "build": {"commit": "c", "flags": "f", "kernel_flags": "g"}}
    return {"context": context, "benchmarks": benchmarks, "warmups": []}


def run(raw, folder):
    path = os.path.join(folder, "raw.json")
    with open(path, "w", encoding="utf-8") as file:
        json.dump(raw, file)
    # without gnuplot: the plots are scripts then, and nothing else changes
    return subprocess.run([sys.executable, "-B", SCALING, "--report", path, "-o", folder],
                          capture_output=True, text=True, check=False, env={"PATH": ""})


def read_csv(folder):
    with open(os.path.join(folder, "scaling.csv"), newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


# ---- the numbers again ----

def middle(samples):
    s = sorted(samples)
    return (s[(len(s) - 1) // 2] + s[len(s) // 2]) / 2


def ends(samples):
    rank, _ = RANKS[len(samples)]
    s = sorted(samples)
    return s[rank - 1], s[len(s) - rank]


def close(row, column, value):
    assert abs(float(row[column]) - value) <= 1e-8 * abs(value) + 1e-15, (column, row[column], value)


def close_interval(row, column, samples):
    close(row, column, middle(samples))
    close(row, column + "_low", ends(samples)[0])
    close(row, column + "_high", ends(samples)[1])


def samples_of(raw, study, threads, what="fit", part=None):
    found = [e for e in raw["benchmarks"] if (e["study"], e["threads"], e["what"]) ==
             (study, threads, what) and e.get("part") == part]
    return {e["repetition_index"]: e for e in found}


def check_times(row, mine):
    ms = [e["real_time"] for e in mine.values()]
    close_interval(row, "seconds", [t / 1000 for t in ms])
    close_interval(row, "ratings_k_per_second",
                   [e["n_ratings"] * K * 1000 / e["real_time"] for e in mine.values()])
    for name in ("clear", "blocks", "update", "load", "index"):
        close(row, name + "_seconds", middle([e[name + "_seconds"] for e in mine.values()]))
    assert int(row["peak_bytes"]) == max(e["peak_bytes"] for e in mine.values())
    assert int(row["n"]) == len(mine)
    close(row, "coverage", RANKS[len(mine)][1])


def check_speedup(row, mine, base, threads):
    grown = 1 if row["study"] == "strong" else threads
    ratio = [grown * base[r]["real_time"] / mine[r]["real_time"] for r in mine]
    close_interval(row, "speedup", ratio)
    close_interval(row, "efficiency", [s / threads for s in ratio])
    if threads == 1:
        assert row["serial_fraction"] == ""
        return
    fraction = [(threads / s - 1) / (threads - 1) for s in ratio]
    # falling in the speedup: of an even number the median is taken before
    close(row, "serial_fraction", (threads / middle(ratio) - 1) / (threads - 1))
    close(row, "serial_fraction_low", ends(fraction)[0])
    close(row, "serial_fraction_high", ends(fraction)[1])


def check_limits(row, raw, threads):
    triad = samples_of(raw, row["study"], threads, "limit", "triad").values()
    gather = samples_of(raw, row["study"], threads, "limit", "gather").values()
    if not triad:
        assert row["share_of_triad"] == "" and row["share_of_gather"] == ""
        return
    seconds = float(row["seconds"])
    best = max(e["bytes_per_second"] for e in triad)
    close(row, "share_of_triad", (9 * RATINGS + USERS * 64) / seconds / best)
    close(row, "share_of_gather", min(e["real_time"] for e in gather) / 1000 / seconds)
    close(row, "gather_bytes_per_second",
          RATINGS * 64 / (min(e["real_time"] for e in gather) / 1000))


def check_numbers(repetitions):
    raw = make_raw(repetitions)
    with tempfile.TemporaryDirectory() as folder:
        done = run(raw, folder)
        assert done.returncode == 0, done.stderr
        table = read_csv(folder)
        assert len(table) == 6
        for row in table:
            threads = int(row["threads"])
            mine = samples_of(raw, row["study"], threads)
            check_times(row, mine)
            check_speedup(row, mine, samples_of(raw, row["study"], 1), threads)
            check_limits(row, raw, threads)
            assert row["kind"] == "measured"
            assert row["oversubscribed"] == ("yes" if threads > 4 else "no")
        assert "no plots: gnuplot is not installed" in done.stderr, done.stderr
        assert os.path.exists(os.path.join(folder, "plots", "time.gp"))
        with open(os.path.join(folder, "report.md"), encoding="utf-8") as file:
            assert "| 8 (*) |" in file.read()


def check_models_must_agree():
    raw = make_raw(5)
    next(e for e in raw["benchmarks"] if e["threads"] == 4)["model_sha256"] = "another"
    with tempfile.TemporaryDirectory() as folder:
        done = run(raw, folder)
        assert done.returncode == 1 and "models differ: strong/threads:" in done.stderr, done.stderr
        assert not os.path.exists(os.path.join(folder, "scaling.csv"))


for n in sorted(RANKS):
    check_numbers(n)
check_models_must_agree()
print("numbers follow from the samples for n = " + ", ".join(map(str, sorted(RANKS))))
