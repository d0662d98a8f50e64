"""The report in Markdown, as an appendix of a paper could take it."""
import statistics

from . import predict

CAPTIONS = {
    "time": "Time of an iteration against the threads, both axes logarithmic, with the ideal line.",
    "speedup": "Speedup over one thread.",
    "efficiency": "Parallel efficiency, speedup / threads. Wide intervals may run past the frame.",
    "karp-flatt": "Serial fraction after Karp and Flatt (1990): flat means serial work, rising means "
                  "overhead. Wide intervals may run past the frame.",
    "weak-efficiency": "Weak scaling: users and ratings grow with the threads.",
    "phases": "Phases of an iteration, times threads: equal heights are ideal.",
    "bandwidth": "What an iteration moves against STREAM's triad, and the rows of the means it reads "
                 "against the gather alone.",
}


# ---- Markdown ----

def table(head, rows):
    lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    lines += ["| " + " | ".join(str(cell) for cell in row) + " |" for row in rows]
    return "\n".join(lines) + "\n"


def figure(name):
    return "![%s](plots/%s.svg)\n\n*%s*\n" % (CAPTIONS[name], name, CAPTIONS[name])


def number(value, digits=3):
    return "" if value is None else "%.*g" % (digits, value)


def interval(row, name, scale=1.0, digits=3):
    if row.get(name) is None:
        return ""
    return "%s (%s to %s)" % tuple(number(scale * row[name + end], digits)
                                   for end in ("", "_low", "_high"))


def giga(value):
    return "" if value is None else number(1e-9 * value)


def percent(value):
    return "" if value is None else "%.0f %%" % (100 * value)


def size(value):
    for unit in ("B", "kB", "MB", "GB", "TB"):
        if value < 1000 or unit == "TB":
            return "%.3g %s" % (value, unit)
        value /= 1000
    return ""


def duration(seconds):
    if seconds < 120:
        return "%.3g s" % seconds
    return "%.3g min" % (seconds / 60) if seconds < 7200 else "%.3g h" % (seconds / 3600)


def count(row):
    """Threads, marked where they outnumber the cores."""
    return "%d%s" % (row["threads"], " (*)" if row["oversubscribed"] else "")


# ---- sections ----

def machine(context):
    m = context["machine"]
    nodes = ", ".join("%s: processors %s" % item for item in sorted(m["numa_nodes"].items()))
    rows = [("processor", m["cpu"]), ("cores, processors usable", "%d, %d" % (m["cores"], m["processors"])),
            ("cgroup quota", "none" if m["quota"] is None else "%g processors" % m["quota"]),
            ("NUMA nodes", nodes or "not available"),
            ("caches", ", ".join("L%d %s %s" % (c["level"], c["type"], size(c["size"]))
                                 for c in context["caches"]) or "not available"),
            ("memory", size(m["memory_bytes"])), ("system", m["kernel"]),
            ("frequency governor", m["governor"]),
            ("load average before", " ".join("%.2f" % x for x in context["load_avg"])),
            ("load average after", " ".join("%.2f" % x for x in context.get("load_avg_after", [])))]
    text = "## Machine\n\n" + table(("", ""), rows)
    return text + "\nTopology (%s):\n\n```\n%s\n```\n" % (m["topology_source"], m["topology"])


def build(context):
    b, m = context["build"], context["mixfill"]
    return "## Build\n\n" + table(("", ""), [
        ("mixfill", m["version"]), ("commit", b["commit"]), ("compiler", m["compiler"]),
        ("flags", "`%s`" % b["flags"]), ("flags of the kernels", "`%s`" % b["kernel_flags"]),
        ("instruction set chosen", m["isa"])])


def data(rows):
    seen = {}
    for r in rows:
        seen[r["study"], r["data"], r["n_ratings"]] = (
            r["study"], r["data"], "{:,}".format(r["n_users"]), "{:,}".format(r["n_items"]),
            "{:,}".format(r["n_ratings"]))
    text = "## Data\n\n" + table(("study", "data", "users", "items rated", "ratings"),
                                 [seen[key] for key in sorted(seen)])
    return text + """
`movielens` is generated with log-normal activity of users and the long-tailed popularity of items
found in the MovieLens sets, `uniform` with the same activity and items all equally likely. In weak
scaling users and ratings grow with the threads; items, K and the distribution of ratings per user
stay. Items that happen to have no rating do not appear in the file and are not counted.
"""


def method(context, rows):
    r = rows[0]
    return """## Method

- Command: `%s`
- Every repetition is a process of its own: `mixfill fit --tol 0 --max-iter %d`, so that every fit
  does the same work. The sample is the median of its iterations without the first.
- OMP_NUM_THREADS is the point's, OMP_PLACES=cores, OMP_PROC_BIND as given, OMP_DYNAMIC=false; other
  variables of OpenMP are removed.
- One warm-up of every point, then %d repetitions, each a round of all points in a random order of
  its own (seed %d).
- Medians. Intervals are of order statistics and assume no distribution: at n = %d they hold the median with
  probability %.1f %%. Speedup is the median of the quotients round by round, against one thread with the
  same binding; its interval is of these quotients.
- The triad and the gather (the reads of the E-step alone) run on the same threads and binding; of these
  limits the best repetition counts, as STREAM has it.
- Raw samples, warm-ups included: `raw.json`. `bench/scaling --report raw.json` makes the CSV, the plots
  and this report from it again.
""" % (" ".join(context["command"]), context["fit_iterations"], context["repetitions"],
       context["seed"], r["n"], 100 * r["coverage"])


def scaling_table(rows):
    head = ("data", "K", "bind", "threads", "ms per iteration", "M ratings x K / s", "speedup",
            "efficiency", "serial fraction")
    return table(head, [
        (r["data"], r["k"], r["bind"], count(r), interval(r, "seconds", 1e3),
         number(1e-6 * r["ratings_k_per_second"], 4), interval(r, "speedup"),
         interval(r, "efficiency"), interval(r, "serial_fraction", 1, 2)) for r in rows])


def phase_table(rows):
    head = ("data", "K", "bind", "threads", "blocks ms", "update ms", "clear ms", "load s", "index s",
            "of triad", "of gather", "triad GB/s", "peak memory")
    return table(head, [
        (r["data"], r["k"], r["bind"], count(r), number(1e3 * r["blocks_seconds"]),
         number(1e3 * r["update_seconds"]), number(1e3 * r["clear_seconds"], 2),
         number(r["load_seconds"]), number(r["index_seconds"]), percent(r.get("share_of_triad")),
         percent(r.get("share_of_gather")), giga(r.get("triad_bytes_per_second")),
         size(r["peak_bytes"])) for r in rows])


PHASES = """
*blocks* is the E-step and the moments of common items, user block by user block; *update* reduces the
threads' accumulators, sums rare items and makes the new means, in one loop; *clear* sets the accumulators to
zero. *of triad*: the bytes an iteration cannot but move (ratings, index, responsibilities), per second, over
the triad's; low values say that memory is not the limit. *of gather*: time of the E-step's reads alone over
the time of an iteration.
"""


def study(rows, name, title, drawn, figures):
    chosen = [r for r in rows if r["study"] == name]
    if not chosen:
        return ""
    marked = any(r["oversubscribed"] for r in chosen)
    text = "## %s\n\n" % title + scaling_table(chosen) + "\n" + phase_table(chosen) + PHASES
    text += "\n(*) more threads than cores: oversubscribed, not a point of scaling.\n" if marked else ""
    return text + "".join("\n" + figure(f) for f in figures if f in drawn)


def models(rows):
    seen = {}
    for r in rows:
        seen.setdefault((r["study"], r["data"], r["n_users"], r["k"], r["model_sha256"]), []).append(r)
    return "## The same model everywhere\n\nsha256 of the model file, equal at every point:\n\n" + table(
        ("study", "data", "users", "K", "points", "sha256"),
        [key[:4] + (len(points), "`%s`" % key[4]) for key, points in sorted(seen.items())])


def assumptions(raw):
    lines = []
    for (name, k), entries in sorted(predict.models(raw).items()):
        a = entries[0]["assumptions"]
        lines.append(
            "- %s, K = %d: memory gives each thread %.3g GB/s and all together %.3g GB/s; a shared row of "
            "accumulators costs %.3g ns more than an own one; the threads share %.3g MB of cache; an iteration "
            "takes %.3g MB from memory." % (
                name, k, 1e-9 * a["thread_bytes_per_second"], 1e-9 * a["all_threads_bytes_per_second"],
                a["shared_row_ns"], 1e-6 * a["last_level_cache_bytes"], 1e-6 * a["traffic_bytes"]))
    return "\n".join(lines)


def measured_seconds(rows):
    """{(data, k, threads): seconds} of strong scaling, with the first binding there is."""
    found = {}
    for r in rows:
        if r["study"] == "strong" and not r["oversubscribed"]:
            found.setdefault((r["data"], r["k"], r["threads"]), r["seconds"])
    return found


def curve_section(raw, rows, curve):
    measured = measured_seconds(rows)
    head = ("data", "K", "threads", "predicted ms per iteration", "predicted efficiency",
            "largest loss predicted", "measured ms, for comparison")
    cells = [(r["data"], r["k"], r["threads"], number(1e3 * r["seconds"]), number(r["efficiency"]),
              r["largest_loss"], number(1e3 * measured[r["data"], r["k"], r["threads"]])
              if (r["data"], r["k"], r["threads"]) in measured else "") for r in curve]
    return """## Predicted, not measured: up to 128 threads

**Nothing in this section was measured but its last column.** The cost of every block and of every part of the
update, measured on one thread, is scheduled on more threads as OpenMP's dynamic schedule does; what threads
add (locks, copies to reduce, memory's bandwidth) is added. Assumed: blocks and parts cost what they cost
alone, at the same clock.

%s

%s
""" % (assumptions(raw), table(head, cells))


def size_section(sizes):
    if not sizes:
        return ""
    return """## Predicted, not measured: larger data

**Nothing in this section was measured.** Time of an iteration is the larger of two: ratings times the
predicted time per rating of the data above, and the traffic if no table stays in cache, over the assumed
bandwidth. Load is ratings times the time per rating measured on this machine. Memory is by the formulas of a
fit, without and with all copies of accumulators; reading text takes %d bytes per rating. The shapes of 1 G and
10 G ratings are assumptions.

%s
""" % (predict.READING_BYTES, table(
        ("data", "users x items", "K", "threads", "predicted s per iteration", "limited by",
         "predicted load", "predicted memory of the fit", "while reading text"),
        [(r["size"], "{:,} x {:,}".format(r["n_users"], r["n_items"]), r["k"], r["threads"],
          number(r["seconds"]), r["limited_by"], duration(r["load_seconds"]),
          "%s to %s" % (size(r["fit_bytes_low"]), size(r["fit_bytes_high"])),
          size(r["reading_bytes"])) for r in sizes]))


def spread(rows):
    return statistics.median((r["seconds_high"] - r["seconds_low"]) / r["seconds"] for r in rows)


def caution(context, rows):
    m = context["machine"]
    loads = context["load_avg"][:1] + context.get("load_avg_after", [])[:1]
    text = """## Threats to validity

- The intervals of the times are %.0f %% of the median wide (median over the points).
""" % (100 * spread(rows))
    if loads and max(loads) > 1.3 * m["usable_cores"]:
        text += ("- **The machine was shared**: its load average of %.1f exceeds its %d cores; other work took "
                 "time from the points of many threads most.\n" % (max(loads), m["usable_cores"]))
    if m["governor"] == "not available":
        text += "- The clock's governor is not visible here: fewer threads may have run at a higher clock.\n"
    return text


def write(path, raw, rows, curve, sizes, drawn):
    context = raw["context"]
    parts = ["# Scaling of mixfill on %d cores\n\n%s%s\n" % (
        context["machine"]["usable_cores"], context["date"], ", --quick" if context["quick"] else ""),
             machine(context), build(context), data(rows), method(context, rows),
             study(rows, "strong", "Strong scaling", drawn,
                   ("time", "speedup", "efficiency", "karp-flatt", "phases", "bandwidth")),
             study(rows, "weak", "Weak scaling", drawn, ("weak-efficiency",)), models(rows)]
    if curve:
        parts += [curve_section(raw, rows, curve), size_section(sizes)]
    parts.append(caution(context, rows))
    with open(path, "w", encoding="utf-8") as file:
        file.write("\n".join(p for p in parts if p))
