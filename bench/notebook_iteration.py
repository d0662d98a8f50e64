#!/usr/bin/env python3
"""Seconds per EM iteration of the dense NumPy notebook that mixfill replaces, on one thread.

The published way, with its (n,K,d) temporaries: the E-step, the log-likelihood and the M-step each
take the norms of all users to all components, and the means are two matrix products. The first
iteration, which pays for the memory, is not counted. Prints JSON.
usage: notebook_iteration.py MATRIX [-k K] [--seed S] [--repeat R] [--variant classic|notebook]
"""

import argparse
import json
import os
import time

for name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS", "BLIS_NUM_THREADS"):
    os.environ[name] = "1"

import numpy as np  # noqa: E402  the thread counts are read on import

MIN_VAR = 0.1


def start(X, K, seed):
    """Means are K distinct users, variances are over all cells."""
    np.random.seed(seed)
    mu = X[np.random.choice(X.shape[0], K, replace=False)]
    var = np.maximum(MIN_VAR, [np.mean((X - row) ** 2) for row in mu])
    return mu, var, np.full(K, 1 / K)


def norms(X, delta, mu):
    """(n,K): squared distance over the cells where delta is 1, X elsewhere (0 in `classic`)."""
    return np.linalg.norm(X[:, None, :] - delta[:, None, :] * mu[None, :, :], axis=2) ** 2


def joint(X, delta, mu, var, p):
    """(n,K): log p_k + log Normal(x_u; mu_k, var_k)."""
    cells = delta.sum(axis=1)[:, None]
    with np.errstate(divide="ignore"):
        return np.log(p) - cells / 2 * np.log(2 * np.pi * var) - norms(X, delta, mu) / (2 * var)


def logsumexp(L):
    top = L.max(axis=1, keepdims=True)
    return top + np.log(np.exp(L - top).sum(axis=1, keepdims=True))


def estep(X, delta, mu, var, p):
    L = joint(X, delta, mu, var, p)
    return np.exp(L - logsumexp(L))


def log_likelihood(X, delta, mu, var, p):
    return float(logsumexp(joint(X, delta, mu, var, p)).sum())


def mstep(X, delta, mu, resp, variant):
    support = resp.T @ delta
    moved = (resp.T @ X) / (support + (1e-10 if variant == "notebook" else 1e-300))
    new = np.where(support >= 1, moved, mu)
    total = (resp * delta.sum(axis=1)[:, None]).sum(axis=0)
    spread = (resp * norms(X, delta, mu if variant == "notebook" else new)).sum(axis=0)
    var = np.maximum(MIN_VAR, spread / total)
    return new, var, resp.mean(axis=0)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("matrix")
    parser.add_argument("-k", type=int, default=12)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--repeat", type=int, default=5)
    parser.add_argument("--variant", choices=("classic", "notebook"), default="notebook")
    args = parser.parse_args()

    X = np.loadtxt(args.matrix)
    delta = np.where(X, 0.0, 1.0) if args.variant == "notebook" else np.where(X, 1.0, 0.0)
    mu, var, p = start(X, args.k, args.seed)
    seconds, trace = [], []
    for _ in range(args.repeat + 1):
        began = time.perf_counter()
        resp = estep(X, delta, mu, var, p)
        trace.append(log_likelihood(X, delta, mu, var, p))
        mu, var, p = mstep(X, delta, mu, resp, args.variant)
        seconds.append(time.perf_counter() - began)
    seconds = seconds[1:]
    report = {
        "variant": args.variant,
        "shape": X.shape,
        "n_components": args.k,
        "numpy": np.__version__,
        "seconds": seconds,
        "median_seconds": float(np.median(seconds)),
        "log_likelihood": trace,
    }
    print(json.dumps(report))


main()
