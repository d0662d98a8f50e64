"""From raw samples to the rows of the CSV: medians, intervals, speedup, serial fraction.

Everything here follows from the raw file alone, so that it can be computed again from it."""
import csv
import math
import statistics

LEVEL = 0.95
PHASES = ("clear", "blocks", "update")
KEY = ("study", "data", "k", "bind", "threads")

COLUMNS = (
    "kind", "study", "data", "n_users", "n_items", "n_ratings", "k", "bind", "threads",
    "oversubscribed", "n", "coverage",
    "seconds", "seconds_low", "seconds_high", "clear_seconds", "blocks_seconds", "update_seconds",
    "load_seconds", "index_seconds",
    "ratings_k_per_second", "ratings_k_per_second_low", "ratings_k_per_second_high",
    "speedup", "speedup_low", "speedup_high", "efficiency", "efficiency_low", "efficiency_high",
    "serial_fraction", "serial_fraction_low", "serial_fraction_high",
    "triad_bytes_per_second", "traffic_bytes_per_second", "share_of_triad",
    "gather_seconds", "share_of_gather", "gather_bytes_per_second", "rows_bytes_per_second",
    "peak_bytes", "isa", "model_sha256")


# ---- statistics ----

def interval_rank(n, level=LEVEL):
    """(rank, coverage): the interval of the order statistics rank and n + 1 - rank, 1-based, holds
    the median of any continuous distribution with probability `coverage` >= level. Fewer than 6
    samples do not suffice for 0.95: then it is the range, and coverage says what that is worth."""
    best, below = (1, 1 - 2 * 0.5 ** n), 0.0
    for rank in range(1, n // 2 + 1):
        below += math.comb(n, rank - 1) * 0.5 ** n
        if 1 - 2 * below < level:
            break
        best = rank, 1 - 2 * below
    return best


def median_interval(samples):
    """(median, low, high)"""
    ordered = sorted(samples)
    rank, _ = interval_rank(len(ordered))
    return statistics.median(ordered), ordered[rank - 1], ordered[-rank]


def karp_flatt(speedup, threads):
    """Serial fraction that Amdahl's law asks for (Karp and Flatt 1990); None on one thread."""
    if threads == 1:
        return None
    return (1 / speedup - 1 / threads) / (1 - 1 / threads)


# ---- samples of a point ----

def key_of(entry):
    return tuple(entry[name] for name in KEY)


def group(raw, kind):
    """{key: entries by repetition} of the fits or the limits."""
    found = {}
    for entry in raw["benchmarks"]:
        if entry["run_type"] == "iteration" and entry["what"] == kind:
            found.setdefault(key_of(entry), []).append(entry)
    for entries in found.values():
        entries.sort(key=lambda e: e["repetition_index"])
    return found


def values(entries, name):
    return [e[name] for e in entries]


def seconds(entries):
    return [1e-3 * e["real_time"] for e in entries]


def work(entry):
    return entry["n_ratings"] * entry["k"]


def speedups(entries, base):
    """Throughput against one thread's, round by round: what disturbs the machine for a while
    disturbs both. In weak scaling this is the scaled speedup."""
    first = {e["repetition_index"]: e for e in base}
    pairs = [(e, first[e["repetition_index"]]) for e in entries if e["repetition_index"] in first]
    return [work(e) / e["real_time"] / (work(b) / b["real_time"]) for e, b in pairs]


# ---- rows ----

def put(row, name, triple):
    row[name], row[name + "_low"], row[name + "_high"] = triple


def put_times(row, entries):
    put(row, "seconds", median_interval(seconds(entries)))
    for phase in PHASES:
        row[phase + "_seconds"] = statistics.median(values(entries, phase + "_seconds"))
    for name in ("load_seconds", "index_seconds"):
        row[name] = statistics.median(values(entries, name))
    rate = work(entries[0])
    put(row, "ratings_k_per_second", median_interval([rate / s for s in seconds(entries)]))


def put_speedup(row, entries, base):
    threads = row["threads"]
    middle, low, high = median_interval(speedups(entries, base))
    put(row, "speedup", (middle, low, high))
    put(row, "efficiency", (middle / threads, low / threads, high / threads))
    # the serial fraction falls as the speedup grows
    put(row, "serial_fraction", [karp_flatt(s, threads) for s in (middle, high, low)])


def row_bytes(k):
    """A padded row of K numbers, as the means and the responsibilities are held."""
    return 8 * ((k + 7) // 8 * 8)


def traffic_bytes(entry):
    """What an iteration cannot but move: ratings and index read, responsibilities written."""
    return entry["ratings_bytes"] + entry["index_bytes"] + entry["n_users"] * row_bytes(entry["k"])


def put_limits(row, entries, limits):
    # limits are the best of their repetitions, as STREAM has it
    triad = [e["bytes_per_second"] for e in limits if e["part"] == "triad"]
    gather = [1e-3 * e["real_time"] for e in limits if e["part"] == "gather"]
    reads = row["n_ratings"] * row_bytes(row["k"])
    row["traffic_bytes_per_second"] = traffic_bytes(entries[0]) / row["seconds"]
    row["rows_bytes_per_second"] = reads / row["blocks_seconds"]
    if triad:
        row["triad_bytes_per_second"] = max(triad)
        row["share_of_triad"] = row["traffic_bytes_per_second"] / row["triad_bytes_per_second"]
    if gather:
        row["gather_seconds"] = min(gather)
        row["gather_bytes_per_second"] = reads / row["gather_seconds"]
        row["share_of_gather"] = row["gather_seconds"] / row["seconds"]


def row_of(entries, base, limits):
    first = entries[0]
    row = {name: first[name] for name in KEY}
    row.update({name: first[name] for name in ("n_users", "n_items", "n_ratings", "isa",
                                               "model_sha256", "oversubscribed")})
    row.update(kind="measured", n=len(entries), coverage=interval_rank(len(entries))[1],
               peak_bytes=max(values(entries, "peak_bytes")))
    put_times(row, entries)
    if base:
        put_speedup(row, entries, base)
    put_limits(row, entries, limits)
    return row


def base_key(key):
    return key[:-1] + (1,)


def rows(raw):
    """One row per point, in order of study, data, K, binding and threads."""
    fits, limits = group(raw, "fit"), group(raw, "limit")
    return [row_of(fits[key], fits.get(base_key(key)), limits.get(key, [])) for key in sorted(fits)]


def differing_models(raw):
    """Points whose model is not that of the first point of the same data set and K."""
    first, found = {}, []
    for entry in raw.get("warmups", []) + raw["benchmarks"]:
        if entry.get("what") == "fit":
            known = first.setdefault((entry["study"], entry["data"], entry["n_users"], entry["k"]),
                                     entry["model_sha256"])
            if entry["model_sha256"] != known:
                found.append(entry["name"])
    return found


# ---- CSV ----

def text(value):
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "%.9g" % value if isinstance(value, float) else str(value)


def write_csv(path, table, columns):
    with open(path, "w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(columns)
        for row in table:
            writer.writerow([text(row.get(name)) for name in columns])
