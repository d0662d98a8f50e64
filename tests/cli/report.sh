# A report: its numbers, the structure of its page, and input that is out to break it.
head -n 12001 "$DATA/sample.csv" >r.csv
"$MIXFILL" split r.csv --train train.csv --test test.csv >/dev/null 2>&1
"$MIXFILL" fit train.csv -k 3 --max-iter 5 -o m.npz >/dev/null 2>&1
cat >titles.csv <<'END'
movieId,title,genres
1,"<script>alert(""1"")</script> & 'quotes'",x
2,</title></style><b>two</b>,x
END
for ((i = 3; i <= 2000; i++)); do echo "$i,Title of $i <i>,x"; done >>titles.csv

mkdir out
"$MIXFILL" report m.npz --ratings test.csv --titles titles.csv -o out/a.html
"$MIXFILL" report m.npz --ratings test.csv --json 2>/dev/null >a.json
"$MIXFILL" report m.npz --ratings test.csv --titles titles.csv -o out/b.html --json --threads 3 2>/dev/null >b.json
cmp out/a.html out/b.html && echo "the same page for any threads"
mkdir elsewhere && cp m.npz test.csv titles.csv elsewhere
"$MIXFILL" report "$PWD/elsewhere/m.npz" --ratings "$PWD/elsewhere/test.csv" --titles elsewhere/titles.csv -o - 2>/dev/null | cmp - out/a.html && echo "the same page from another folder, on stdout"
ls out
grep -c '<script' out/a.html
grep -o 'https\?://' out/a.html

# with the digits that every machine agrees on
cat >show.py <<'END'
import json, sys
def cut(x):
    if isinstance(x, float): return float(f"{x:.3g}")
    if isinstance(x, list): return [cut(y) for y in x]
    return {k: cut(y) for k, y in x.items()} if isinstance(x, dict) else x
r = json.load(open(sys.argv[1]))
short = {k: v for k, v in r.items() if k not in ("components", "responsibilities", "ratings")}
print(json.dumps(cut(short)))
for c in r["components"]:
    print(json.dumps({k: len(v) if k in ("up", "down") else cut(v) for k, v in c.items()}))
    print(json.dumps(cut(c["up"][0])), json.dumps(cut(c["down"][0])))
shares = r["responsibilities"]
print(shares["n_users"], cut(shares["mean_largest"]), sum(b["n_users"] for b in shares["largest"]) == shares["n_users"])
for key, value in r["ratings"].items():
    print(key, json.dumps(cut(value)))
END
python3 show.py a.json
"$MIXFILL" evaluate m.npz test.csv --json 2>/dev/null >e.json
python3 - <<'END'
import json
r, e = json.load(open("a.json"))["ratings"], json.load(open("e.json"))
print([k for k in e if k in r and k != "path" and r[k] != e[k]], "differ from evaluate")
a, b = json.load(open("a.json")), json.load(open("b.json"))
titled = [i for c in b["components"] for i in c["up"] + c["down"]]
print(all("title" in i for i in titled), all("title" not in i for c in a["components"] for i in c["up"] + c["down"]))
for i in titled: del i["title"]
a["output"] = b["output"]
print(a == b)
END

cat >check.py <<'END'
import html.parser, sys
VOID = {"meta", "br", "link", "img", "input", "hr"}
class Page(html.parser.HTMLParser):
    def __init__(self):
        super().__init__()
        self.open, self.bad, self.count, self.ids, self.refs, self.text = [], [], {}, [], [], []
    def handle_starttag(self, tag, attrs):
        self.count[tag] = self.count.get(tag, 0) + 1
        attrs = dict(attrs)
        if "id" in attrs: self.ids.append(attrs["id"])
        self.refs += attrs.get("aria-labelledby", "").split()
        if attrs.get("href", "").startswith("#"): self.refs.append(attrs["href"][1:])
        if tag not in VOID: self.open.append(tag)
    def handle_startendtag(self, tag, attrs): self.handle_starttag(tag, attrs); self.open.pop()
    def handle_endtag(self, tag):
        if not self.open or self.open.pop() != tag: self.bad.append(tag)
    def handle_data(self, data): self.text.append(data)
for path in sys.argv[1:]:
    raw = open(path, "rb").read()
    page = Page()
    page.feed(raw.decode("utf-8"))
    page.close()
    assert not page.open and not page.bad, (path, page.open, page.bad)
    assert len(page.ids) == len(set(page.ids)), "an id twice"
    assert set(page.refs) <= set(page.ids), set(page.refs) - set(page.ids)
    assert b"nan" not in raw.lower().replace(b"nance", b"") and b"inf\"" not in raw, "a number that is none"
    n = page.count
    assert "script" not in n and "b" not in n, n
    assert n.get("caption", 0) == n.get("table", 0) and n["figure"] == n["svg"] == n["desc"], n
    print(path, *[f"{k} {n.get(k, 0)}" for k in ("section", "article", "figure", "table", "details", "circle", "rect")])
END
python3 check.py out/a.html
python3 - <<'END'
import json
raw, page = open("out/a.html").read(), json.load(open("b.json"))
import html
print(all(html.escape(i["title"], quote=True).replace("&#x27;", "&#39;") in raw for c in page["components"] for i in c["up"] + c["down"]))
END

# titles that are markup, on a model of three items
printf 'a,1,5\nb,1,4\na,2,1\nb,2,1\na,3,3\nb,3,2\nc,1,1\nc,2,5\nd,1,1\nd,2,4\n' >small.csv
"$MIXFILL" fit small.csv -k 2 -o small.npz >/dev/null 2>&1
"$MIXFILL" report small.npz --titles titles.csv -o small.html >/dev/null
python3 check.py small.html
grep -o '&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt; &amp; &#39;quotes&#39;' small.html | sort -u
grep -o '&lt;/title&gt;&lt;/style&gt;&lt;b&gt;two&lt;/b&gt;' small.html | sort -u

# one user, one item; one rating for all; K = 1; classic; the notebook's; without users; averaged
printf 'u,i,3\n' >one.csv
"$MIXFILL" fit one.csv -k 1 -o one.npz >/dev/null 2>&1
"$MIXFILL" report one.npz --ratings one.csv -o one.html >/dev/null 2>&1
printf 'a,x,4\nb,x,4\na,y,4\nb,y,4\n' >same.csv
"$MIXFILL" fit same.csv -k 2 -o same.npz >/dev/null 2>&1
"$MIXFILL" report same.npz --ratings same.csv -o same.html >/dev/null 2>&1
"$MIXFILL" fit train.csv -k 1 -o single.npz >/dev/null 2>&1
"$MIXFILL" report single.npz --ratings test.csv -o single.html >/dev/null 2>&1
"$MIXFILL" fit train.csv -k 3 --model classic -o classic.npz >/dev/null 2>&1
"$MIXFILL" report classic.npz --ratings test.csv -o classic.html >/dev/null 2>&1
"$MIXFILL" fit train.csv -k 3 --compat notebook -o notebook.npz >/dev/null 2>&1
"$MIXFILL" report notebook.npz --ratings test.csv -o notebook.html >/dev/null 2>&1
"$MIXFILL" fit train.csv -k 3 --no-users --max-iter 3 -o bare.npz >/dev/null 2>&1
"$MIXFILL" report bare.npz --ratings test.csv -o bare.html >/dev/null 2>&1
"$MIXFILL" fit train.csv -k 3 --n-init 2 --average --max-iter 3 -o average.npz >/dev/null 2>&1
"$MIXFILL" report average.npz -o average.html >/dev/null 2>&1
"$MIXFILL" fit train.csv -k 200 --max-iter 2 -o many.npz >/dev/null 2>&1
"$MIXFILL" report many.npz -o many.html >/dev/null 2>&1
printf 'a,x,1e150\nb,x,-1e150\na,y,1e-150\nb,z,0\n' >huge.csv
"$MIXFILL" fit huge.csv -k 2 -o huge.npz >/dev/null 2>&1
"$MIXFILL" report huge.npz --ratings huge.csv -o huge.html >/dev/null 2>&1
printf 'nobody,1,3\nno one,2,5\n' >strangers.csv
"$MIXFILL" report m.npz --ratings strangers.csv -o strangers.html >/dev/null 2>&1
python3 check.py one.html same.html single.html classic.html notebook.html bare.html average.html many.html huge.html strangers.html
grep -o 'averages the predictions of 2 starts' average.html
grep -o 'saved without its users' bare.html
grep -c 'Of unknown users</dt><dd>2<' strangers.html
"$MIXFILL" report bare.npz --json | python3 -c 'import json, sys; r = json.load(sys.stdin); print(r["responsibilities"], r["ratings"], r["components"][0]["n_users"], r["output"])'
"$MIXFILL" report classic.npz --json | python3 -c 'import json, sys; r = json.load(sys.stdin); print(sorted(r["settings"]), r["components"][0]["var"] > 0)'

# ids and names that are not UTF-8, or are markup
printf 'a,caf\351 <b>,5\nb,caf\351 <b>,1\na,y,1\nb,y,5\n' >latin.csv
"$MIXFILL" fit latin.csv -k 2 -o 'la<tin>.npz' >/dev/null 2>&1
"$MIXFILL" report 'la<tin>.npz' --ratings latin.csv -o latin.html >/dev/null 2>&1
python3 check.py latin.html
grep -c 'caf.* &lt;b&gt;' latin.html
grep -o '<h1>.*</h1>' latin.html
"$MIXFILL" report 'la<tin>.npz' --json | python3 -c 'import json, sys; r = json.load(sys.stdin); print(ascii(sorted({i["item"] for c in r["components"] for i in c["up"] + c["down"]})))'

# what cannot be done leaves nothing behind
try() {
    "$MIXFILL" report "$@" 2>err >/dev/null
    echo "exit $?: $(tail -n 1 err)"
}
mkdir none && cd none || exit
for file in m.npz r.csv test.csv titles.csv; do cp "../$file" .; done
printf '1,x\n' >bad.csv
: >empty.csv
try m.npz -o p.html --ratings bad.csv
try m.npz -o p.html --ratings empty.csv
try m.npz -o p.html --titles empty.csv
try r.csv -o p.html
try m.npz -o m.npz
try m.npz -o test.csv --ratings test.csv
try m.npz -o titles.csv --titles titles.csv
try m.npz -o no/such/p.html
try m.npz -o /dev/full
for arguments in "" "m.npz" "m.npz m.npz -o p.html" "m.npz -o - --json" "m.npz -o p.html --threads 0" "m.npz -o p.html --ratings - --titles -"; do
    # shellcheck disable=SC2086
    "$MIXFILL" report $arguments 2>&1 </dev/null | head -n 1
done
rm err && ls
