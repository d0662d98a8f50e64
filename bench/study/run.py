"""The measurement: a process of its own for each repetition of each point, in random order."""
import hashlib
import json
import os
import random
import statistics
import subprocess
import sys
import time
from collections import namedtuple

# study: strong or weak; path: the ratings; n_*: their shape
Data = namedtuple("Data", "study name path n_users n_items n_ratings")
Point = namedtuple("Point", "data k bind threads")


class StudyError(Exception):
    """The study cannot go on; the message says why."""


def say(message):
    print("scaling: " + message, file=sys.stderr, flush=True)


def environment(threads, bind):
    """The variables of one point; OpenMP's own ones of the caller would change its meaning."""
    env = {k: v for k, v in os.environ.items() if not k.startswith(("OMP_", "GOMP_", "KMP_"))}
    env.update(openmp_variables(threads, bind))
    return env


def openmp_variables(threads, bind):
    return {"OMP_NUM_THREADS": str(threads), "OMP_PLACES": "cores", "OMP_PROC_BIND": bind,
            "OMP_DYNAMIC": "false"}


def call(command, threads, bind):
    """Standard output of a process that must succeed."""
    with subprocess.Popen(command, env=environment(threads, bind), stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, text=True) as process:
        out, err = process.communicate()
        status = process.returncode
    if status != 0:
        raise StudyError("%s: exit status %d: %s" % (" ".join(command), status, err.strip()))
    return out


def cpu_seconds():
    times = os.times()
    return times.children_user + times.children_system


# ---- data ----

def file_shape(mixfill, path):
    info = json.loads(call([mixfill, "info", path, "--json"], 1, "close"))
    return info["n_users"], info["n_items"], info["n_ratings"]


def data_name(path):
    return os.path.splitext(os.path.basename(path))[0]


def real_data(mixfill, path):
    return Data("strong", data_name(path), path, *file_shape(mixfill, path))


def generate(mixfill, folder, study, popularity, shape, threads):
    """Ratings of a shape, as csv. Items without any rating do not come back from the file."""
    users, items, ratings = shape
    path = os.path.join(folder, "%s-%s-%d.csv" % (study, popularity, users))
    call([mixfill, "generate", "--users", str(users), "--items", str(items), "--ratings",
          str(ratings), "--popularity", popularity, "-o", path], threads, "close")
    return Data(study, popularity, path, *file_shape(mixfill, path))


def strong_points(data, plan):
    return [Point(d, k, bind, t) for d in data for k in plan.k for bind in plan.bind
            for t in plan.threads]


def weak_points(weak, plan):
    """weak: {threads: data sets}"""
    return [Point(d, k, bind, t) for t in plan.threads for d in weak[t] for k in plan.k
            for bind in (plan.bind[:1] if plan.quick else plan.bind)]


# ---- entries of the raw file ----

def name_of(point, what=None):
    parts = [point.data.study, point.data.name, "K:%d" % point.k, "bind:" + point.bind,
             "threads:%d" % point.threads]
    return "/".join(parts + [what] if what else parts)


def labels(point, plan):
    d = point.data
    return {"study": d.study, "data": d.name, "n_users": d.n_users, "n_items": d.n_items,
            "n_ratings": d.n_ratings, "k": point.k, "bind": point.bind, "threads": point.threads,
            "oversubscribed": point.threads > plan.usable_cores,
            "environment": openmp_variables(point.threads, point.bind)}


def benchmark(name, repetition, repetitions, milliseconds, cpu_milliseconds, iterations=1):
    """The fields that Google Benchmark's schema asks for."""
    return {"name": name, "run_name": name, "run_type": "iteration", "repetitions": repetitions,
            "repetition_index": repetition, "iterations": iterations, "real_time": milliseconds,
            "cpu_time": cpu_milliseconds, "time_unit": "ms"}


def sha256(path):
    digest = hashlib.sha256()
    with open(path, "rb") as file:
        for part in iter(lambda: file.read(1 << 20), b""):
            digest.update(part)
    return digest.hexdigest()


def settled(history):
    """The first iteration wakes the threads and touches their memory: it is kept, not counted."""
    return history[1:] if len(history) > 1 else history


def phase_seconds(history):
    return {phase + "_seconds": statistics.median(i["phases"][phase] for i in settled(history))
            for phase in ("clear", "blocks", "update")}


def fit_entry(point, plan, repetition, fit, cpu, model):
    per_iteration = statistics.median(i["seconds"] for i in settled(fit["history"]))
    entry = benchmark(name_of(point), repetition, plan.repetitions, 1e3 * per_iteration, 1e3 * cpu,
                      len(settled(fit["history"])))
    entry.update(labels(point, plan), what="fit", isa=fit["isa"], model_sha256=model,
                 items_per_second=fit["n_ratings"] / per_iteration)
    entry.update(phase_seconds(fit["history"]))
    entry.update({name + "_seconds": fit["seconds"][name]
                  for name in ("load", "index", "init", "em", "save", "total")})
    entry.update({name + "_bytes": fit["bytes"][name]
                  for name in ("ratings", "index", "model", "accumulators", "peak")})
    entry["load_average"] = os.getloadavg()[0]
    entry["samples"] = [dict(i["phases"], seconds=i["seconds"]) for i in fit["history"]]
    return entry


def run_fit(point, plan, repetition):
    model = os.path.join(plan.folder, "model.npz")
    before = cpu_seconds()
    out = call([plan.mixfill, "fit", point.data.path, "--threads", str(point.threads),
                "-k", str(point.k), "--tol", "0", "--max-iter", str(plan.iterations),
                "-o", model, "--json"],
               point.threads, point.bind)
    cpu = cpu_seconds() - before
    fit = json.loads(out)
    if fit["threads"] != point.threads:
        raise StudyError("%s: ran on %d threads: is this a build without OpenMP?"
                         % (name_of(point), fit["threads"]))
    entry = fit_entry(point, plan, repetition, fit, cpu, sha256(model))
    os.remove(model)
    return entry


def run_limits(point, plan):
    """STREAM's triad and the reads of the E-step alone, on the point's threads."""
    out = call([plan.bench_fit, "--limits", "--json", "--file", point.data.path, "-k", str(point.k),
                "--threads", str(point.threads), "-r", str(plan.limit_repetitions)],
               point.threads, point.bind)
    found = []
    for e in json.loads(out)["benchmarks"]:
        if e["run_type"] == "iteration":
            part = e["name"].split("/")[0]
            entry = benchmark(name_of(point, part), e["repetition_index"], e["repetitions"],
                              e["real_time"], e["cpu_time"])
            entry.update(labels(point, plan), what="limit", part=part)
            if "bytes_per_second" in e:
                entry["bytes_per_second"] = e["bytes_per_second"]
            found.append(entry)
    return found


def run_model(data, k, plan):
    """bench_fit's prediction of 2 to 128 threads."""
    out = call([plan.bench_fit, "--model", "--json", "--file", data.path, "-k", str(k),
                "-r", str(plan.limit_repetitions)], min(2, plan.usable_cores), "close")
    found = []
    for e in json.loads(out)["benchmarks"]:
        name = "model/%s/K:%d/threads:%d" % (data.name, k, e["threads"])
        found.append(dict(e, name=name, run_name=name, repetition_index=0, what="model",
                          study="strong", data=data.name, k=k, bind="none"))
    return found


# ---- the study ----

def check_model(entry, known):
    """Every point of one data set and K must give the same model, byte for byte."""
    key = entry["study"], entry["data"], entry["n_users"], entry["k"]
    name, model = known.setdefault(key, (entry["name"], entry["model_sha256"]))
    if entry["model_sha256"] != model:
        raise StudyError("%s: the model is not that of %s: sha256 %s, expected %s"
                         % (entry["name"], name, entry["model_sha256"], model))
    return entry


def measure_fits(points, plan, raw):
    """A warm-up of every point, then rounds of all points in a random order of their own."""
    order, known = random.Random(plan.seed), {}
    for repetition in range(-1, plan.repetitions):
        began = time.monotonic()
        for point in order.sample(points, len(points)):
            entry = check_model(run_fit(point, plan, repetition), known)
            raw["warmups" if repetition < 0 else "benchmarks"].append(entry)
        what = "warm-up" if repetition < 0 else "round %d of %d" % (repetition + 1, plan.repetitions)
        say("%s: %d points in %.1f s" % (what, len(points), time.monotonic() - began))


def measure_limits(points, plan, raw):
    for point in random.Random(plan.seed + 1).sample(points, len(points)):
        raw["benchmarks"].extend(run_limits(point, plan))
    say("limits of %d points measured" % len(points))


def measure_models(data, plan, raw):
    for d in data:
        for k in plan.k:
            raw["benchmarks"].extend(run_model(d, k, plan))
    say("predictions of %d data sets made" % len(data))
