# The accurate model: options, equal bits, files that NumPy reads, and every command on one.
head -n 20001 "$DATA/sample.csv" >r.csv
digits() { sed 's/-*[0-9][0-9]*\.[0-9][0-9]*/X/g'; }
fit() { "$MIXFILL" fit r.csv --model factor "$@" 2>/dev/null; }
fit --rank 4 --max-iter 8 -o m.npz | head -n 3 | digits
fit --rank 4 --max-iter 8 --no-implicit -o only.npz | head -n 1
fit --rank 4 --max-iter 8 --strict -o strict.npz >/dev/null; echo "exit $?"
for options in "" "--no-implicit" "--n-init 2" "--holdout 0.1 --patience 2"; do
    fit --threads 1 --rank 5 --max-iter 8 $options -o 1.npz >/dev/null
    for threads in 2 3 7 16; do
        fit --threads $threads --rank 5 --max-iter 8 $options -o t.npz >/dev/null && cmp 1.npz t.npz && echo "same bits: $options"
    done
done
"$MIXFILL" info m.npz | digits
"$MIXFILL" info m.npz --json | grep -c '"sd"'
"$MIXFILL" evaluate m.npz r.csv --json 2>/dev/null >e.json
fit --rank 4 --max-iter 8 --json -o t.npz >f.json
printf '1,1\n1,nobody\nnobody,1\nnobody,nobody\n' >p.csv
"$MIXFILL" predict m.npz p.csv --digits full --json 2>/dev/null >p.json
"$MIXFILL" complete m.npz r.csv -o full.npy 2>/dev/null; echo "exit $?"
/usr/bin/python3 - <<'END'
import json, numpy as np
e = json.load(open("e.json"))
print("better than the biases:", e["rmse"] < 0.98 * e["baselines"]["bias"], 0.85 < e["coverage"]["90"] < 0.97)
f = json.load(open("f.json"))
print(f["model"], f["rank"], f["implicit"], f["n_components"], f["converged"], f["stop_reason"], len(f["history"]))
m = np.load("m.npz", allow_pickle=False)
names = ("scale", "w", "w_cov", "v", "y", "xi", "omega", "m", "phi", "user_factor", "user_cov", "user_scale")
n, d = len(m["user_ids"]), len(m["item_ids"])
print([m[k].shape == s for k, s in zip(names, ((3,), (d, 5), (d, 15), (d,), (d, 4), (4,), (4, 4), (5,), (5, 5), (n, 4), (n, 10), (n,)))])
print([k for k in m.files if k in ("mu", "var", "weight", "resp")], bool((np.load("only.npz")["y"] == 0).all()), bool((m["y"] != 0).any()))
g, sd, ebar = m["scale"]
u = list(m["user_ids"]).index(1); j = list(m["item_ids"]).index(1)
lo, hi = m["rating_range"]
r = np.clip(g + sd * (m["w"][j, 0] + m["w"][j, 1:] @ m["user_factor"][u]), lo, hi)
p = json.load(open("p.json"))["predictions"]
print(abs(p[0]["rating"] - r) < 1e-12)
print(abs(p[3]["rating"] - np.clip(g + sd * (m["m"][0] + m["m"][1:] @ m["xi"]), lo, hi)) < 1e-12, [q["known_user"] for q in p], [q["known_item"] for q in p])
full = np.load("full.npy")
print(full.shape == (n, d), full.min() >= lo, full.max() <= hi)
END
try() {
    "$MIXFILL" fit r.csv --model "$@" -o bad.npz 2>&1 >/dev/null | head -n 1
}
try factor -k 2
try factor --rank 0
try factor --rank 64
try factor --implicit-strength nan
try factor --tol 1
try factor --min-var 1
try factor --average --n-init 2
try factor --compat notebook
try map --rank 3
try map --no-implicit
try classic --implicit-strength 2
"$MIXFILL" select r.csv --model factor -k 1,2 2>&1 | head -n 1
"$MIXFILL" select r.csv --model factor 2>&1 | head -n 1
"$MIXFILL" cv r.csv --model factor --rank 2 --max-iter 4 --folds 2 2>/dev/null | digits
test ! -e bad.npz && echo "nothing left"

# one rating: users differ along no axis, and there is nothing to show
echo 1,1,4 >one.csv
"$MIXFILL" fit one.csv --model factor -o one.npz >/dev/null 2>&1
"$MIXFILL" info one.npz | sed -n '/^ratings/p; /^axes/p; /^components/p'
"$MIXFILL" info one.npz --json | sed -n '/components/p; /axes/p'
