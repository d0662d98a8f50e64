#!/usr/bin/env python3
"""Files that numpy and scipy write are read, ours are read by them, and the same ratings in every
format give the same model, byte for byte. Usage: formats.py MIXFILL. Exit status 77: skipped."""
import gzip
import io
import itertools
import os
import shutil
import subprocess
import sys
import tempfile
import zipfile

try:
    import numpy as np
    import scipy.io
    import scipy.sparse as sp
except ImportError as missing:
    print("SKIPPED:", missing, "(python3-numpy and python3-scipy are needed)")
    sys.exit(77)

MIXFILL = os.path.realpath(sys.argv[1])
failures = []


def run(*args, status=0, stdin=None):
    done = subprocess.run([MIXFILL, *args], capture_output=True, text=True, stdin=stdin)
    if done.returncode != status:
        failures.append(f"{args}: exit status {done.returncode}, expected {status}: {done.stderr}")
    return done


def make_ratings():
    """Everyone rates item 0, and items are numbered by first appearance, so that numbers are the
    same in every format."""
    draw = np.random.default_rng(5)
    dense = np.where(draw.random((60, 40)) < 0.3, draw.integers(1, 11, (60, 40)) / 2, 0)
    dense[:, 0] = draw.integers(1, 11, 60) / 2
    first = [np.flatnonzero(dense[:, j])[0] * 100 + j for j in range(40)]
    return dense[:, np.argsort(first)]


def write_text(dense):
    rows = [(u, i, f"{dense[u, i]:g}") for u in range(60) for i in np.flatnonzero(dense[u])]
    csv = "userId,movieId,rating,timestamp\n" + "".join(f"{u},{i},{r},9\n" for u, i, r in rows)
    cells = lambda u: ",".join(f"{x:g}" if x else "" for x in dense[u])
    texts = {
        "r.csv": csv,
        "semicolons.csv": '"User-ID";"ISBN";"Book-Rating"\n' + "".join(
            f'"{u}";"{i}";"{r}"\n'.replace(".", ",") for u, i, r in rows),
        "bars.txt": "".join(f"{u}|{i}|{r}\n" for u, i, r in rows),
        "old.csv": csv.replace("\n", "\r"),
        "columns.csv": "score,when,item_id,user_id:token,rating,text\n" + "".join(
            f'0,9,{i},{u},{r},"so, \nit ""is"""\n' for u, i, r in rows),
        "pivot.csv": "," + ",".join(map(str, range(40))) + "\n" + "".join(
            f"{u},{cells(u)}\n" for u in range(60)),
        "bare.csv": "".join(",".join(f"{x:g}" for x in dense[u]) + "\n" for u in range(60)),
        "r.dat": "".join(f"{u}::{i}::{r}::9\n" for u, i, r in rows),
        "r.data": "".join(f"{u}\t{i}\t{r}\t9\n" for u, i, r in rows),
        "r.txt": "".join(f"{u} {i} {r}\n" for u, i, r in rows),
        "dense.txt": "".join(" ".join(f"{x:g}" for x in row) + "\n" for row in dense),
    }
    movies = {i: [(u, r) for u, j, r in rows if j == i] for i in range(40)}
    netflix = {i: f"{i}:\n" + "".join(f"{u},{r},2005-09-06\n" for u, r in rs)
               for i, rs in movies.items()}
    texts["combined_data_1.txt"] = "".join(netflix.values())
    os.mkdir("training_set")
    for i, text in netflix.items():
        texts[f"training_set/mv_{i:07d}.txt"] = text
    for name, text in texts.items():
        with open(name, "w") as file:
            file.write(text)
    with gzip.open("packed.gz", "wt") as file:
        file.write(csv[:1000])
    with gzip.open("packed.gz", "at") as file:
        file.write(csv[1000:])
    for name, how in (("deflated.zip", zipfile.ZIP_DEFLATED), ("stored.zip", zipfile.ZIP_STORED)):
        with zipfile.ZipFile(name, "w", how) as file:
            file.writestr("ml/README.txt", "not this\n")
            file.writestr("ml/ratings.csv", csv)
    names = [n for n in texts if "/" not in n] + ["training_set", "packed.gz", "deflated.zip",
                                                  "stored.zip"]
    if shutil.which("zstd"):
        subprocess.run(["zstd", "-q", "r.csv", "-o", "packed.zst"], check=True)
        names.append("packed.zst")
    return names


def write_arrays(dense):
    names = []
    sparse = sp.coo_matrix(dense)
    for layout, index, packed in itertools.product(("csr", "csc", "coo"), (np.int32, np.int64),
                                                   (False, True)):
        m = sparse.asformat(layout)
        for member in ("indices", "indptr", "row", "col"):
            if hasattr(m, member):
                setattr(m, member, getattr(m, member).astype(index))
        name = f"{layout}-{index.__name__}-{'deflated' if packed else 'stored'}.npz"
        sp.save_npz(name, m, compressed=packed)
        names.append(name)
    shuffle = np.random.default_rng(2).permutation(sparse.nnz)
    sp.save_npz("shuffled.npz", sp.coo_matrix(
        (sparse.data[shuffle], (sparse.row[shuffle], sparse.col[shuffle])), shape=dense.shape))
    for dtype, order in itertools.product(("f2", "<f4", "<f8", ">f8", ">f4"), "CF"):
        name = f"{dtype.strip('<>')}{'-big' if dtype[0] == '>' else ''}-{order}.npy"
        np.save(name, np.asarray(dense, dtype=dtype, order=order))
        names.append(name)
    np.save("holes.npy", np.where(dense == 0, np.nan, dense))
    scipy.io.mmwrite("real.mtx", sparse)
    scipy.io.mmwrite("array.mtx", dense)
    with open("real.mtx", "rb") as plain, gzip.open("real.mtx.gz", "wb") as packed:
        packed.write(plain.read())
    return names + ["shuffled.npz", "real.mtx", "array.mtx", "real.mtx.gz"]


def model_of(name, *options, stdin=None):
    run("fit", name, "-k", "3", "--max-iter", "6", "-o", "model.npz", *options, stdin=stdin)
    with open("model.npz", "rb") as file:
        return file.read()


def counted_from_1(model, expected):
    """Whether a model is another but for its ids, which count from 1 and not from 0."""
    with np.load(io.BytesIO(model)) as a, np.load(io.BytesIO(expected)) as b:
        return a.files == b.files and all(
            np.array_equal(a[name], b[name] + (name in ("user_ids", "item_ids")))
            for name in b.files if not isinstance(b[name], bytes))


def check_same(names):
    expected = model_of("r.csv")
    for name in names:
        model = model_of(name)
        if not (counted_from_1(model, expected) if ".mtx" in name else model == expected):
            failures.append(f"{name}: another model than r.csv")
    for name in ("packed.gz", "f8-C.npy"):
        with open(name, "rb") as file:
            if model_of("-", stdin=file) != expected:
                failures.append(f"{name} on standard input: another model than r.csv")
    if model_of("holes.npy", "--missing", "nan") != expected:
        failures.append("holes.npy: another model than r.csv")
    print(len(names) + 3, "files give one model")


def check_whole_numbers():
    """Integers and bools of every width, against the same numbers as float64."""
    whole = np.random.default_rng(3).integers(0, 2, (20, 10))
    whole[:, 0] = whole[0] = 1
    np.save("whole.npy", whole.astype(float))
    expected = model_of("whole.npy")
    for dtype in ("?", "i1", "u1", "<i2", ">i2", "<u2", "<i4", "<u4", "<i8", ">i8", "<u8"):
        np.save("other.npy", whole.astype(dtype))
        sp.save_npz("other.npz", sp.csr_matrix(whole.astype(dtype if dtype[0] != ">" else "i2")))
        for name in ("other.npy", "other.npz"):
            if model_of(name) != expected:
                failures.append(f"{name} of {dtype}: another model than float64")
    scipy.io.mmwrite("int.mtx", sp.coo_matrix(whole), field="integer")
    scipy.io.mmwrite("pattern.mtx", sp.coo_matrix(whole), field="pattern")
    both = np.tril(whole[:10, :10]) + np.tril(whole[:10, :10], -1).T
    scipy.io.mmwrite("symmetric.mtx", sp.coo_matrix(both), symmetry="symmetric")
    np.save("symmetric.npy", both)
    for a, b in (("int.mtx", "whole.npy"), ("pattern.mtx", "whole.npy"),
                 ("symmetric.mtx", "symmetric.npy")):
        if not counted_from_1(model_of(a), model_of(b)):
            failures.append(f"{a}: another model than {b}")


def check_refused():
    np.save("object.npy", np.array([[1, "a"], [2.5, None]], dtype=object), allow_pickle=True)
    np.save("complex.npy", np.eye(3, dtype=complex))
    np.save("three.npy", np.zeros((2, 2, 2)))
    sp.save_npz("bsr.npz", sp.bsr_matrix(np.eye(4)))
    np.savez("arrays.npz", a=np.eye(3))
    for name, part in (("object.npy", "object"), ("complex.npy", "complex"),
                       ("three.npy", "3 dimensions"), ("bsr.npz", "'bsr'"),
                       ("arrays.npz", "not a scipy.sparse matrix")):
        said = run("info", name, status=1).stderr
        if part not in said or not said.startswith(f"mixfill: {name}: ") or said.count("\n") != 1:
            failures.append(f"{name}: '{said}' lacks '{part}'")


def check_ours():
    shape = ("--users", "50", "--items", "30", "--ratings", "600", "-k", "2")
    for name in ("g.npz", "g.mtx", "g.npy", "g.csv"):
        run("generate", *shape, "-o", name)
    sparse = sp.load_npz("g.npz").toarray()
    for name, read in (("g.mtx", scipy.io.mmread("g.mtx").toarray()), ("g.npy", np.load("g.npy"))):
        if not np.array_equal(sparse, read):
            failures.append(f"{name}: not the matrix of g.npz")
    values = np.loadtxt("g.csv", delimiter=",", skiprows=1)[:, 2]
    if not np.array_equal(np.sort(values), np.sort(sparse[sparse != 0])):
        failures.append("g.csv: not the ratings of g.npz")
    if (model_of("g.npz") != model_of("g.npy")
            or not counted_from_1(model_of("g.mtx"), model_of("g.npz"))):
        failures.append("g.npz, g.mtx and g.npy give different models")
    with np.load("model.npz", allow_pickle=False) as model:
        if model["mu"].shape != (3, 30) or not np.isclose(model["weight"].sum(), 1):
            failures.append("model.npz: not as numpy should see it")


with tempfile.TemporaryDirectory() as folder:
    os.chdir(folder)
    ratings = make_ratings()
    check_same(write_text(ratings) + write_arrays(ratings))
    check_whole_numbers()
    check_refused()
    check_ours()
    os.chdir("/")
for failure in failures:
    print("FAILED:", failure)
print(len(failures), "failures")
sys.exit(1 if failures else 0)
