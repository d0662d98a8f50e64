"""Plots by gnuplot, as SVG and PNG on a white ground, legible on light and dark pages alike.

Each script holds its data, so that a plot can be changed and drawn again without the study."""
import os
import shutil
import subprocess

# Okabe and Ito's colours, told apart by most colour-blind readers
COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#000000")
SHAPES = {"close": 7, "spread": 4}  # of gnuplot's points
TERMINALS = {"svg": "svg size %d,%d dynamic background '#ffffff' font 'sans-serif,15'",
             "png": "pngcairo size %d,%d background '#ffffff' font 'Sans,13'"}
SIZES = {"bandwidth": (1180, 620)}
USUAL_SIZE = (1060, 560)

HEAD = """# gnuplot -e "set terminal svg background '#ffffff'; set output 'plot.svg'" %s.gp
set encoding utf8
set border 3 lw 1.2
set tics nomirror
set grid lc rgb '#dddddd' lw 1 lt 1
set key outside right top vertical Left reverse samplen 2.5 spacing 1.25
set bars 0.6
"""


CROWDED = "more threads than cores"


def dashed(curve):
    return " (dashed: predicted, not measured)" if curve else ""


class Plot:
    """A gnuplot script under way: settings, data blocks and the curves drawn of them."""

    def __init__(self, name, title, settings=""):
        self.name, self.blocks, self.curves = name, [], []
        self.settings = "set title %s\n%s" % (quoted(title), settings)

    def add(self, table, style):
        """table: rows of numbers; style follows the data in `plot`."""
        block = "$d%d" % len(self.blocks)
        lines = [" ".join("%.9g" % x if isinstance(x, float) else str(x) for x in r) for r in table]
        self.blocks.append("%s << EOD\n%s\nEOD\n" % (block, "\n".join(lines)))
        self.curves.append("%s %s" % (block, style))

    def line(self, formula, title):
        self.curves.append("%s with lines lw 1.5 lc rgb '#888888' title %s" % (formula, quoted(title)))

    def draw_part(self):
        return "plot " + ", \\\n     ".join(self.curves) + "\n"

    def text(self):
        return HEAD % self.name + "".join(self.blocks) + self.settings + self.draw_part()


def quoted(text):
    """For gnuplot's enhanced text an underscore is an index: escaped."""
    return '"%s"' % text.replace("\\", "").replace('"', "").replace("_", "\\\\_")


# ---- series ----

def series(rows, study):
    """{(data, k, bind): rows by threads}, in order."""
    found = {}
    for row in rows:
        if row["study"] == study:
            found.setdefault((row["data"], row["k"], row.get("bind", "")), []).append(row)
    return {key: sorted(found[key], key=lambda r: r["threads"]) for key in sorted(found)}


def colours(rows):
    """A colour for each data set and K, the same in every plot."""
    keys = sorted({(r["data"], r["k"]) for r in rows})
    return {key: COLOURS[i % len(COLOURS)] for i, key in enumerate(keys)}


def label(key):
    data, k, bind = key
    return "%s, K = %d%s" % (data, k, ", " + bind if bind else "")


def thread_axis(rows):
    ticks, most = [], max(r["threads"] for r in rows)
    while not ticks or ticks[-1] < most:
        ticks.append(2 * ticks[-1] if ticks else 1)
    return ("set logscale x 2\nset xrange [0.9:%g]\nset xtics (%s)\nset xlabel 'threads'\n"
            % (1.12 * ticks[-1], ", ".join(str(t) for t in ticks)))


def nudge(bind):
    """Bindings side by side, or their intervals would hide each other."""
    return {"close": 0.985, "spread": 1.015}.get(bind, 1.0)


def add_measured(plot, rows, study, columns, scale, colour):
    for key, points in series(rows, study).items():
        points = [r for r in points if r.get(columns[0]) is not None]
        table = [[r["threads"] * nudge(key[2])] + [scale * r[c] for c in columns] for r in points]
        if table:
            plot.add(table, "using 1:2:3:4 with yerrorlines lw 2 pt %d ps 1.1 lc rgb '%s' title %s"
                     % (SHAPES.get(key[2], 7), colour[key[:2]], quoted(label(key))))
    add_crowded(plot, [r for r in rows if r["study"] == study], columns[0], scale)


def add_crowded(plot, rows, column, scale):
    """A ring around what more threads than cores have measured."""
    table = [[r["threads"], scale * r[column]] for r in rows
             if r["oversubscribed"] and r.get(column) is not None]
    named = any(CROWDED in curve for curve in plot.curves)
    if table:
        plot.add(table, "with points pt 6 ps 3.2 lw 2 lc rgb '#cc0000' title %s"
                 % quoted("" if named else CROWDED))


def add_predicted(plot, curve, column, scale, colour):
    for key, points in series(curve, "strong").items():
        table = [[r["threads"], scale * r[column]] for r in points if r[column] is not None]
        if table:
            plot.add(table, "with lines dt 2 lw 2 lc rgb '%s' title %s"
                     % (colour[key[:2]], quoted(label(key) + ", predicted")))


def most(rows, column, least):
    """The top of an axis: a wide interval may run past it, and must not flatten the rest."""
    return max([least] + [1.3 * r[column] for r in rows if r.get(column) is not None])


def with_interval(name):
    return name, name + "_low", name + "_high"


# ---- the plots ----

def ideal_times(plot, rows, colour):
    for key, points in series(rows, "strong").items():
        if points[0]["threads"] == 1 and key[2] == min(r["bind"] for r in rows):
            plot.curves.append("%.9g / x with lines lw 1 lc rgb '%s' title %s"
                               % (1e3 * points[0]["seconds"], colour[key[:2]],
                                  quoted(label(key[:2] + ("",)) + ", ideal")))


def time_plot(rows, curve, colour):
    plot = Plot("time", "Strong scaling: time of an iteration" + dashed(curve),
                thread_axis(strong(rows) + curve)
                + "set logscale y\nset ylabel 'milliseconds per iteration'\n")
    ideal_times(plot, strong(rows), colour)
    add_measured(plot, rows, "strong", with_interval("seconds"), 1e3, colour)
    add_predicted(plot, curve, "seconds", 1e3, colour)
    return plot


def speedup_plot(rows, curve, colour):
    plot = Plot("speedup", "Strong scaling: speedup over one thread" + dashed(curve),
                thread_axis(strong(rows) + curve) + "set logscale y 2\nset ylabel 'speedup'\n")
    plot.line("x", "ideal")
    add_measured(plot, rows, "strong", with_interval("speedup"), 1, colour)
    add_predicted(plot, curve, "speedup", 1, colour)
    return plot


def efficiency_plot(rows, curve, colour):
    plot = Plot("efficiency", "Strong scaling: parallel efficiency" + dashed(curve),
                thread_axis(strong(rows) + curve)
                + "set yrange [0:%.3g]\nset ylabel 'efficiency = speedup / threads'\n"
                % most(strong(rows), "efficiency", 1.25))
    plot.line("1", "ideal")
    add_measured(plot, rows, "strong", with_interval("efficiency"), 1, colour)
    add_predicted(plot, curve, "efficiency", 1, colour)
    return plot


def serial_plot(rows, curve, colour):
    plot = Plot("karp-flatt", "Karp-Flatt serial fraction" + dashed(curve),
                thread_axis(strong(rows) + curve)
                + "set yrange [-0.05:%.3g]\nset ylabel 'serial fraction'\n"
                % most(strong(rows), "serial_fraction", 0.2))
    plot.line("0", "ideal")
    add_measured(plot, rows, "strong", with_interval("serial_fraction"), 1, colour)
    add_predicted(plot, curve, "serial_fraction", 1, colour)
    return plot


def weak_plot(rows, _curve, colour):
    weak = [r for r in rows if r["study"] == "weak"]
    if not weak:
        return None
    plot = Plot("weak-efficiency", "Weak scaling: users and ratings grow with the threads",
                thread_axis(weak) + "set yrange [0:%.3g]\nset ylabel 'time of 1 thread / time'\n"
                % most(weak, "efficiency", 1.25))
    plot.line("1", "ideal")
    add_measured(plot, rows, "weak", with_interval("efficiency"), 1, colour)
    return plot


def bar_settings(bars):
    """Threads below the bars, upright where they would run into each other."""
    if bars > 12:
        return "set xtics rotate by -90 font ',11'\nset bmargin 5\n", "-1.2"
    return "set bmargin 4\n", "-0.3"


def phases_plot(rows, _curve, _colour):
    bind = strong(rows)[0]["bind"]
    settings, offset = bar_settings(sum(r["bind"] == bind for r in strong(rows)))
    crowded = any(r["oversubscribed"] for r in strong(rows))
    plot = Plot("phases", "Phases of an iteration, bound %s: equal heights are ideal%s"
                % (bind, " (*: more threads than cores)" if crowded else ""),
                "set style data histograms\nset style histogram rowstacked title offset 0,%s\n"
                "set boxwidth 0.7\nset style fill solid 0.9 border lc rgb '#ffffff'\n"
                "set yrange [0:]\nset key outside top center horizontal maxcols 3\n"
                "set ylabel 'threads x milliseconds per iteration'\n%s" % (offset, settings))
    for key, group in series(rows, "strong").items():
        if key[2] == bind:
            add_bars(plot, label(key[:2] + ("",)), group)
    return plot


def add_bars(plot, title, group):
    """Thread-milliseconds of each phase; the legend names each phase once."""
    names = ("blocks: E-step, moments", "update: reduction, rare items, means", "clear")
    first = not plot.curves
    plot.curves.append("newhistogram %s lt 1" % quoted("threads, " + title))
    plot.add([["%d%s" % (r["threads"], "*" if r["oversubscribed"] else "")]
              + [1e3 * r["threads"] * r[p + "_seconds"] for p in ("blocks", "update", "clear")]
              for r in group],
             "using 2:xtic(1) lc rgb '%s' title %s" % (COLOURS[0], quoted(names[0] if first else "")))
    block = plot.curves[-1].split()[0]
    for i in (1, 2):
        plot.curves.append("%s using %d lc rgb '%s' title %s" % (
            block, i + 2, COLOURS[i], quoted(names[i] if first else "")))


def add_rates(plot, rows, column, style, what, colour):
    bind = strong(rows)[0]["bind"]
    for key, points in series(rows, "strong").items():
        table = [[r["threads"], 1e-9 * r[column]] for r in points if r.get(column) is not None]
        if table and key[2] == bind:
            plot.add(table, "with linespoints %s lc rgb '%s' title %s"
                     % (style, colour[key[:2]], quoted(label(key[:2] + ("",)) + ": " + what)))
    add_crowded(plot, [r for r in strong(rows) if r["bind"] == bind], column, 1e-9)


def roof(rows):
    """The best triad of each number of threads."""
    found = {}
    for r in strong(rows):
        if r.get("triad_bytes_per_second") is not None:
            found[r["threads"]] = max(found.get(r["threads"], 0), r["triad_bytes_per_second"])
    return [[t, 1e-9 * found[t]] for t in sorted(found)]


class Panels:
    """Memory on the left, rows of the means on the right."""
    name = "bandwidth"

    def __init__(self, left, right):
        self.left, self.right = left, right

    def text(self):
        right = "".join(self.right.blocks).replace("$d", "$e")
        curves = self.right.draw_part().replace("$d", "$e")
        return (HEAD % self.name + "".join(self.left.blocks) + right
                + "set key outside below center horizontal Left reverse maxcols 1 height 1\n"
                "set multiplot layout 1,2\n" + self.left.settings
                + self.left.draw_part() + self.right.settings + curves + "unset multiplot\n")


def bandwidth_plot(rows, _curve, colour):
    axis = thread_axis(strong(rows)) + "set logscale y\nset ylabel 'GB/s'\n"
    left = Plot("", "From memory, against the roof", axis)
    if roof(rows):
        left.add(roof(rows), "with linespoints lw 3 pt 9 lc rgb '#000000' title 'STREAM triad (roof)'")
    add_rates(left, rows, "traffic_bytes_per_second", "lw 2 pt 7", "an iteration must move", colour)
    right = Plot("", "Rows of the means, mostly from cache", axis)
    add_rates(right, rows, "gather_bytes_per_second", "lw 3 pt 9", "gather alone (roof)", colour)
    add_rates(right, rows, "rows_bytes_per_second", "lw 2 pt 7", "blocks phase", colour)
    return Panels(left, right)


PLOTS = (time_plot, speedup_plot, efficiency_plot, serial_plot, weak_plot, phases_plot,
         bandwidth_plot)


def strong(rows):
    return [r for r in rows if r["study"] == "strong"]


def render(folder, name, script):
    for kind, terminal in TERMINALS.items():
        size = SIZES.get(name, USUAL_SIZE)
        settings = "set terminal %s; set output '%s.%s'" % (terminal % size, name, kind)
        subprocess.run(["gnuplot", "-e", settings, script], cwd=folder, check=True)


def draw(folder, rows, curve):
    """Scripts and, where gnuplot is there, plots into folder/plots; the names of those drawn."""
    folder = os.path.join(folder, "plots")
    os.makedirs(folder, exist_ok=True)
    colour, drawn = colours(rows), []
    for make in PLOTS if strong(rows) else ():
        plot = make(rows, curve, colour)
        if plot is None:
            continue
        with open(os.path.join(folder, plot.name + ".gp"), "w", encoding="utf-8") as file:
            file.write(plot.text())
        if shutil.which("gnuplot"):
            render(folder, plot.name, plot.name + ".gp")
            drawn.append(plot.name)
    return drawn
