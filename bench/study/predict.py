"""Predictions: threads beyond this machine from bench_fit's cost model, and sizes beyond its data.
Nothing here is measured, and every row says so."""
from . import numbers

COLUMNS = ("kind", "study", "data", "k", "threads", "seconds", "speedup", "efficiency",
           "serial_fraction", "largest_loss")
SIZE_COLUMNS = ("kind", "size", "n_users", "n_items", "n_ratings", "k", "threads", "seconds",
                "limited_by", "load_seconds", "fit_bytes_low", "fit_bytes_high", "reading_bytes",
                "peak_bytes")

# name, users, items, ratings; the shapes of the last two are assumed
SIZES = (("Netflix Prize", 480189, 17770, 100480507),
         ("1 G ratings", 5000000, 100000, 1000000000),
         ("10 G ratings", 50000000, 1000000, 10000000000))
READING_BYTES = 14  # per rating, for a text file
SIZE_THREADS = (2, 16, 64, 128)


def models(raw):
    """{(data, k): entries by threads}"""
    found = {}
    for entry in raw["benchmarks"]:
        if entry["what"] == "model":
            found.setdefault((entry["data"], entry["k"]), []).append(entry)
    for entries in found.values():
        entries.sort(key=lambda e: e["threads"])
    return found


def curve_row(entry):
    threads = entry["threads"]
    speedup = threads * entry["predicted_efficiency"]
    return {"kind": "predicted", "study": "strong", "data": entry["data"], "k": entry["k"],
            "threads": threads, "seconds": 1e-3 * entry["real_time"], "speedup": speedup,
            "efficiency": speedup / threads, "serial_fraction": numbers.karp_flatt(speedup, threads),
            "largest_loss": entry["largest_loss"]}


def curve(raw):
    """The strong scaling predicted, from one thread's cost of every block."""
    table = []
    for (data, k), entries in sorted(models(raw).items()):
        first = curve_row(entries[0])
        table.append(dict(first, threads=1, seconds=first["seconds"] * first["speedup"],
                          speedup=1.0, efficiency=1.0, serial_fraction=None, largest_loss=""))
        table.extend(curve_row(e) for e in entries)
    return table


# ---- sizes ----

def fit_bytes(size, k, rating_bytes):
    """(low, high): a fit without and with all the copies of accumulators that threads may have."""
    _, users, items, ratings = size
    model = users * (8 * k + 32) + items * (8 * k + 48)
    tables = (users + 2 * items) * numbers.row_bytes(k) + 16 * items * k + 24 * items
    low = ratings * sum(rating_bytes) + model + tables
    return low, low + ratings * rating_bytes[0]


def memory_seconds(size, k, rating_bytes, assumed, threads):
    """Time of an iteration's traffic, if no table stays in the caches."""
    _, users, _, ratings = size
    row = numbers.row_bytes(k)
    traffic = (ratings * (sum(rating_bytes) + 2 * assumed["rare_share"] * row) + users * row)
    return traffic / min(threads * assumed["thread_bytes_per_second"],
                         assumed["all_threads_bytes_per_second"])


def size_row(size, entry, rating_bytes, load):
    name, users, items, ratings = size
    k, threads = entry["k"], entry["threads"]
    compute = 1e-9 * entry["ns_per_rating"] * ratings
    memory = memory_seconds(size, k, rating_bytes, entry["assumptions"], threads)
    low, high = fit_bytes(size, k, rating_bytes)
    return {"kind": "predicted", "size": name, "n_users": users, "n_items": items,
            "n_ratings": ratings, "k": k, "threads": threads, "seconds": max(compute, memory),
            "limited_by": "memory" if memory > compute else "blocks and update",
            "load_seconds": load * ratings, "fit_bytes_low": low, "fit_bytes_high": high,
            "reading_bytes": READING_BYTES * ratings,
            "peak_bytes": max(high, READING_BYTES * ratings)}


def basis(raw):
    """What sizes are predicted from: the measured point of most ratings, then of most threads."""
    fits = [e for e in raw["benchmarks"] if e["what"] == "fit" and e["study"] == "strong"
            and not e["oversubscribed"] and (e["data"], e["k"]) in models(raw)]
    return max(fits, key=lambda e: (e["n_ratings"], e["data"] == "movielens", e["threads"]),
               default=None)


def sizes(raw):
    best = basis(raw)
    if best is None:
        return []
    ratings = best["n_ratings"]
    rating_bytes = best["ratings_bytes"] / ratings, best["index_bytes"] / ratings
    same = [e for e in raw["benchmarks"] if e["what"] == "fit" and e["name"] == best["name"]]
    load = numbers.median_interval(numbers.values(same, "load_seconds"))[0] / ratings
    entries = [e for e in models(raw)[best["data"], best["k"]] if e["threads"] in SIZE_THREADS]
    return [size_row(size, e, rating_bytes, load) for size in SIZES for e in entries]
