#!/usr/bin/env python3
"""A report as a browser shows it: every section and figure with the numbers of --json, light and
dark, and no wider than a phone. Usage: report.py MIXFILL [FOLDER for the screenshots]. Exit status
77: skipped."""
import collections
import html
import html.parser
import json
import os
import re
import shutil
import struct
import subprocess
import sys
import tempfile
import zlib

NAMES = ("chromium", "chromium-browser", "google-chrome")
BROWSER = next(filter(None, map(shutil.which, NAMES)), None)
if BROWSER is None:
    print("SKIPPED: no browser, one of", *NAMES, "is needed")
    sys.exit(77)

MIXFILL = os.path.realpath(sys.argv[1])
DATA = os.path.join(os.path.dirname(os.path.realpath(__file__)), "../../data/sample.csv")
FIGURES = ("convergence", "held-out", "sizes", "shares", "user-counts", "item-counts", "coverage",
           "ratings")
failures = []


def expect(what, holds, detail=""):
    if not holds:
        failures.append(f"{what} {detail}")


def mixfill(*args):
    return subprocess.run([MIXFILL, *args], capture_output=True, text=True, check=True).stdout


def browse(*flags, page):
    command = [BROWSER, "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage",
               "--hide-scrollbars", "--no-first-run", "--user-data-dir=" + os.path.abspath("profile"),
               "--proxy-server=127.0.0.1:9", *flags, "file://" + os.path.abspath(page)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120)
    expect("browser", done.returncode == 0, done.stderr[-500:])
    return done.stdout


class Parts(html.parser.HTMLParser):
    """The text and the elements below each element that has an id."""

    def __init__(self, text):
        super().__init__()
        self.open, self.text = [], collections.defaultdict(str)
        self.count = collections.defaultdict(collections.Counter)
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        self.open.append((tag, dict(attributes).get("id")))
        for _, name in self.open[:-1]:
            self.count[name][tag] += 1
        if tag in ("meta", "link"):
            self.open.pop()

    def handle_endtag(self, tag):
        while self.open and self.open.pop()[0] != tag:
            pass

    def handle_data(self, data):
        for _, name in self.open:
            self.text[name] += data


def section_of(parts, heading, text):
    """What stands between a heading and the next section."""
    expect("section", heading in parts.text, heading)
    return text[text.index(f'id="{heading}"'):].split("</section>")[0]


def check_dom(text, numbers):
    parts = Parts(text)
    for name in FIGURES:
        name = "fig-" + name
        expect("figure", name in parts.count, name)
        expect("parts of", parts.count[name]["svg"] == parts.count[name]["table"] == 1, name)
        expect("marks of", parts.count[name]["circle"] + parts.count[name]["rect"] > 0, name)
    for name in ("model", "settings", "convergence", "components", "apart", "accuracy", "counts",
                 "calibration"):
        section_of(parts, name, text)
    model = section_of(parts, "model", text)
    for key in ("n_users", "n_items", "n_ratings"):
        expect(key, f"<dd>{numbers[key]:,}</dd>" in model, numbers[key])
    history = [f"{h['log_likelihood']:.2f}".replace("-", "−") for h in numbers["history"]]
    expect("history", all(h in parts.text["fig-convergence"] for h in history))
    expect("held-out", all(f"{h['rmse']:.5f}" in parts.text["fig-held-out"]
                           for h in numbers["history"]))
    expect("iterations", parts.count["fig-convergence"]["circle"] == len(history))
    for k, c in enumerate(numbers["components"], 1):
        expect("weight", f"{100 * c['weight']:.1f} %" in parts.text["fig-sizes"], k)
        expect("component", f"weight {100 * c['weight']:.1f} %, {c['n_users']} users" in
               parts.text[f"component-{k}"], k)
        for item in c["up"] + c["down"]:
            row = f"item {item['item']}{item['departure']:+.2f}".replace("-", "−")
            expect("item", row in re.sub("<[^>]*>", "", text), row)
    check_accuracy(parts, section_of(parts, "accuracy", text), numbers["ratings"])


def check_axes(text, numbers):
    """The page of a model that has factors in place of components."""
    parts = Parts(text)
    for name in ("model", "settings", "convergence", "axes", "accuracy"):
        section_of(parts, name, text)
    expect("components", "components" not in parts.count and numbers["components"] is None)
    expect("bars", parts.count["fig-axes"]["rect"] >= len(numbers["axes"]) == 4)
    for k, axis in enumerate(numbers["axes"], 1):
        expect("sd", f"{axis['sd']:.3f}" in parts.text["fig-axes"], k)
        if axis["sd"] > 0.05 * numbers["axes"][0]["sd"]:
            expect("axis", f"adds {axis['sd']:.3f} rating points" in parts.text[f"axis-{k}"], k)
            for item in axis["up"] + axis["down"]:
                row = f"item {item['item']}{item['departure']:+.2f}".replace("-", "−")
                expect("item", row in re.sub("<[^>]*>", "", text), row)
    check_accuracy(parts, section_of(parts, "accuracy", text), numbers["ratings"])


def check_accuracy(parts, section, r):
    for value in (r["rmse"], r["mae"], *r["baselines"].values()):
        expect("accuracy", f"{value:.4f}" in section, value)
    for side in ("user", "item"):
        for b in r[f"by_{side}_count"]:
            expect(side, f"{b['n']:,}{b['rmse']:.4f}{b['rmse_bias']:.4f}" in
                   parts.text[f"fig-{side}-counts"], b)
    for c in r["calibration"]["coverage"]:
        expect("coverage", f"{100 * c['nominal']:.0f} %{100 * c['observed']:.1f} %" in
               parts.text["fig-coverage"], c)
    expect("dots", parts.count["fig-ratings"]["circle"] == len(r["calibration"]["by_rating"]))


def paeth(a, b, c):
    p = a + b - c
    pa, pb, pc = abs(p - a), abs(p - b), abs(p - c)
    return a if pa <= pb and pa <= pc else b if pb <= pc else c


def unfilter(row, before, kind, bpp):
    for i in range(len(row)):
        a = row[i - bpp] if i >= bpp else 0
        b, c = before[i], before[i - bpp] if i >= bpp else 0
        row[i] = (row[i] + (0, a, b, (a + b) // 2, paeth(a, b, c) if kind == 4 else 0)[kind]) & 255


def pixels(path):
    """How often each colour occurs in a PNG of 8 bits, not interlaced."""
    with open(path, "rb") as file:
        raw = file.read()
    width, height, depth, colour, _, _, interlace = struct.unpack(">IIBBBBB", raw[16:29])
    assert raw[:8] == b"\x89PNG\r\n\x1a\n" and depth == 8 and colour in (2, 6) and not interlace
    at, packed = 8, b""
    while at < len(raw):
        size, kind = struct.unpack(">I4s", raw[at:at + 8])
        packed += raw[at + 8:at + 8 + size] if kind == b"IDAT" else b""
        at += size + 12
    data, bpp = zlib.decompress(packed), 3 if colour == 2 else 4
    before, counts = bytearray(width * bpp), collections.Counter()
    for y in range(height):
        start = y * (width * bpp + 1)
        row = bytearray(data[start + 1:start + 1 + width * bpp])
        if data[start] > 0:
            unfilter(row, before, data[start], bpp)
        for x in range(0, len(row), bpp):
            counts[bytes(row[x:x + 3]).hex()] += 1
        before = row
    return counts


def check_picture(name, flags, ground, accent):
    browse("--window-size=620,1500", f"--screenshot={os.path.abspath(name)}", *flags,
           page="report.html")
    counts = pixels(name)
    share = counts[ground] / sum(counts.values())
    expect("ground of", 0.5 < share < 0.98, f"{name}: {share:.3f} {counts.most_common(3)}")
    expect("marks of", counts[accent] > 500, f"{name}: {counts[accent]}")
    expect("colours of", len(counts) > 50, f"{name}: {len(counts)}")


def check_width(text):
    """Whether anything sticks out where there are 400 pixels."""
    probe = """<iframe id="f" width="400" height="800" srcdoc="%s"></iframe><p id="w"></p><script>
    document.getElementById("f").onload = event => document.getElementById("w").textContent =
        "width " + event.target.contentDocument.documentElement.scrollWidth;</script>"""
    with open("probe.html", "w", encoding="utf-8") as file:
        file.write("<!DOCTYPE html>" + probe % html.escape(text))
    found = re.search(r"width (\d+)", Parts(browse("--dump-dom", page="probe.html")).text["w"])
    expect("width", found and int(found[1]) <= 400, found and found[1])


def main():
    mixfill("split", DATA, "--train", "train.csv", "--test", "test.csv")
    mixfill("fit", "train.csv", "--model", "map", "-k", "4", "--valid", "test.csv",
            "-o", "model.npz")
    numbers = json.loads(mixfill("report", "model.npz", "--ratings", "test.csv", "--json",
                                 "-o", "report.html"))
    with open("report.html", encoding="utf-8") as file:
        text = file.read()
    expect("links", not re.search(r"(src|href)=\"(?!#)|url\(|@import|<script", text))
    check_dom(browse("--dump-dom", page="report.html"), numbers)
    check_picture("light.png", ["--blink-settings=preferredColorScheme=1"], "ffffff", "2764a9")
    check_picture("dark.png", ["--blink-settings=preferredColorScheme=0", "--force-dark-mode"],
                  "15181b", "79b4f0")
    check_width(text)
    mixfill("fit", "train.csv", "--model", "factor", "--rank", "4", "-o", "factor.npz")
    numbers = json.loads(mixfill("report", "factor.npz", "--ratings", "test.csv", "--json",
                                 "-o", "factor.html"))
    check_axes(browse("--dump-dom", page="factor.html"), numbers)
    with open("factor.html", encoding="utf-8") as file:
        check_width(file.read())
    if len(sys.argv) > 2:
        for name in ("report.html", "light.png", "dark.png"):
            shutil.copy(name, sys.argv[2])


with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
    os.chdir(folder)
    main()
    os.chdir("/")
for failure in failures:
    print("FAILED:", failure)
print(len(failures), "failed")
sys.exit(bool(failures))
