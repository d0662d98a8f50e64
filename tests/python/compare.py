#!/usr/bin/env python3
"""scripts/compare: its references do what they should on data with something to find, its NDCG@10 is
that of `mixfill evaluate`, and its table is whole. Usage: compare.py MIXFILL. Exit status 77: skipped."""
import csv
import importlib.machinery
import importlib.util
import json
import os
import re
import subprocess
import sys
import tempfile

try:
    import numpy as np
except ImportError as missing:
    print("SKIPPED:", missing, "(python3-numpy is needed)")
    sys.exit(77)

sys.dont_write_bytecode = True
MIXFILL = os.path.realpath(sys.argv[1])
ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
SCRIPT = os.path.join(ROOT, "scripts", "compare")
SAMPLE = os.path.join(ROOT, "data", "sample.csv")
loader = importlib.machinery.SourceFileLoader("compare", SCRIPT)
compare = importlib.util.module_from_spec(importlib.util.spec_from_loader("compare", loader))
loader.exec_module(compare)


def expect(what, holds):
    if not holds:
        sys.exit(f"failed: {what}")


def split(columns, draw):
    """A tenth held out."""
    held = draw.random(len(columns[0])) < 0.1
    return tuple(x[~held] for x in columns), tuple(x[held] for x in columns)


def fitted(model, train, shape):
    model.fit(*train, shape)
    return model


def check_ratings(draw):
    """Ratings of users and items with two factors each and some noise: ALS and SVD find them, the bias
    does not, and the global mean is worst."""
    shape = (120, 80)
    u, i = np.nonzero(draw.random(shape) < 0.5)
    p, q = draw.normal(size=(shape[0], 2)), draw.normal(size=(shape[1], 2))
    level = draw.normal(0, 0.5, shape[1])
    r = np.clip(3 + level[i] + (p[u] * q[i]).sum(-1) * 0.7 + draw.normal(0, 0.2, len(u)), 0.5, 5)
    train, test = split((u, i, r), draw)
    mean = np.sqrt(np.mean((test[2] - train[2].mean()) ** 2))
    bias = compare.rmse(fitted(compare.Bias(), train, shape), train, test)
    als = compare.rmse(fitted(compare.ALS(4, 10), train, shape), train, test)
    svd = compare.rmse(fitted(compare.SVD(4, 60), train, shape), train, test)
    print(f"RMSE: global mean {mean:.3f}, bias {bias:.3f}, SVD {svd:.3f}, ALS {als:.3f}")
    expect("bias beats the global mean", bias < 0.97 * mean)
    expect("ALS beats the bias", als < 0.7 * bias)
    expect("SVD beats the bias", svd < 0.7 * bias)


def check_lists(draw, shape):
    """Four groups of users who mostly rate a quarter of the items each: EASE finds the quarter."""
    own = np.arange(shape[0])[:, None] % 4 == np.arange(shape[1]) % 4
    u, i = np.nonzero(draw.random(shape) < np.where(own, 0.5, 0.05))
    train, test = split((u, i, np.full(len(u), 5.0)), draw)
    popularity = compare.ndcg(fitted(compare.Popularity(), train, shape), train, test, shape[1])
    ease = fitted(compare.EASE(20), train, shape)
    found = compare.ndcg(ease, train, test, shape[1])
    print(f"NDCG@10, {shape[0]} x {shape[1]}: popularity {popularity:.3f}, EASE {found:.3f}")
    expect("EASE beats popularity", found > 1.3 * popularity)
    # Both sides solve the same problem; the plain formula is the judge.
    x = np.zeros(shape)
    x[train[0], train[1]] = 1
    inverse = np.linalg.inv(x.T @ x + 20 * np.eye(shape[1]))
    weight = -inverse / np.diag(inverse)
    np.fill_diagonal(weight, 0)
    expect("EASE is what its formula says", np.allclose(ease.score, x @ weight))


class Lists:
    """mixfill's own lists, as a model."""
    def __init__(self, path, users, items):
        self.score = np.full((len(users), len(items)), -1e9)
        with open(path, encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file):
                self.score[users[row["user"]], items[row["item"]]] = -int(row["rank"])

    def predict(self, u, i):
        return self.score[u, i]


def check_ndcg(folder):
    paths = {part: os.path.join(folder, part) for part in ("train.csv", "test.csv", "model.npz", "lists.csv")}

    def run(*command):
        return subprocess.run([MIXFILL, *command], check=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE).stdout

    run("split", SAMPLE, "--train", paths["train.csv"], "--test", paths["test.csv"])
    run("fit", paths["train.csv"], "--model", "factor", "--max-iter", "5", "-o", paths["model.npz"])
    run("recommend", paths["model.npz"], "--seen", paths["train.csv"], "-n", "10", "-o", paths["lists.csv"])
    told = json.loads(run("evaluate", paths["model.npz"], paths["test.csv"], "--seen", paths["train.csv"], "--json"))
    users, items = {}, {}
    train, test = (compare.read(paths[part], users, items) for part in ("train.csv", "test.csv"))
    ours = compare.ndcg(Lists(paths["lists.csv"], users, items), train, test, len(items))
    print(f"NDCG@10 of mixfill's lists: {ours:.6f}, evaluate says {told['ranking']['ndcg_10']:.6f}")
    expect("NDCG@10 is that of evaluate", abs(ours - told["ranking"]["ndcg_10"]) < 1e-12)


def check_table():
    done = subprocess.run([sys.executable, SCRIPT, SAMPLE, "--factors", "2", "--sweeps", "2"], check=True,
                          stdout=subprocess.PIPE, env={**os.environ, "MIXFILL": MIXFILL}, encoding="utf-8")
    rows = [[cell.strip() for cell in line.strip("|").split("|")]
            for line in done.stdout.splitlines() if line.startswith("|")]
    expect("a row for each model under a header of two lines", len(rows) == 2 + len(compare.MODELS) + 5)
    number = re.compile(r"[0-9]+\.[0-9]+")
    for name, seconds, error, lists in rows[2:]:
        expect(f"{name}: seconds and NDCG@10", number.fullmatch(seconds) and number.fullmatch(lists))
        expect(f"{name}: RMSE", number.fullmatch(error) or name in ("numpy popularity", "numpy EASE"))
    errors = {name: float(error) for name, _, error, _ in rows[2:] if error}
    expect("factor beats the bias on the sample", errors["mixfill factor (the default)"] < errors["numpy bias"])


generator = np.random.default_rng(3)
check_ratings(generator)
check_lists(generator, (80, 160))
check_lists(generator, (160, 80))
with tempfile.TemporaryDirectory() as scratch:
    check_ndcg(scratch)
check_table()
