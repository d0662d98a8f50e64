# The default model: shrinkage, averaging, equal bits, fold-in equal to training, clipping.
head -n 20001 "$DATA/sample.csv" >r.csv
"$MIXFILL" fit r.csv -k 3 --max-iter 5 -o m.npz 2>/dev/null | head -n 1
"$MIXFILL" fit r.csv -k 3 --max-iter 5 --n-init 2 --average -o a.npz 2>/dev/null | head -n 2
"$MIXFILL" info a.npz | tail -n 4 | sed 's/0\.[0-9]*/W/'
for threads in 2 7; do
    "$MIXFILL" fit r.csv -k 3 --max-iter 5 --threads $threads -o t.npz >/dev/null 2>&1 && cmp m.npz t.npz && echo "same bits"
done
"$MIXFILL" fit r.csv -k 3 --max-iter 5 --threads 1 --n-init 2 --average -o t.npz >/dev/null 2>&1 && cmp a.npz t.npz && echo "same bits averaged"
# a strong prior leaves the offsets alone: the bias baseline with fixed shrinkage
"$MIXFILL" fit r.csv -k 3 --prior-strength 1e12 -o strong.npz >/dev/null 2>&1
"$MIXFILL" evaluate strong.npz r.csv --json 2>/dev/null >e.json
/usr/bin/python3 - <<'END'
import json, numpy as np
e = json.load(open("e.json"))
m = np.load("strong.npz", allow_pickle=False)
print(np.abs(m["mu"]).max() < 1e-8, abs(e["rmse"] - e["baselines"]["bias"]) < 0.02)
a = np.load("a.npz", allow_pickle=False)
print([(k, a[k].ndim) for k in ("mu", "s0", "resp", "weight", "var", "noise_mean", "offset_user", "offset_item")])
one = np.load("m.npz", allow_pickle=False)
print((a["mu"][0] == one["mu"]).all(), (a["resp"][0] == one["resp"]).all(), one["var"].shape == one["item_ids"].shape)
# five lines of NumPy that predict what the program predicts
u, j = 7, 11
lo, hi = one["rating_range"]
r = one["global_mean"] + one["offset_user"][u] + one["offset_item"][j] + one["resp"][u] @ one["mu"][:, j]
open("p.csv", "w").write(f"{one['user_ids'][u]},{one['item_ids'][j]}\n")
print(float(np.clip(r, lo, hi)) > 0, file=open("r.txt", "w"))
json.dump(float(np.clip(r, lo, hi)), open("want.json", "w"))
END
"$MIXFILL" predict m.npz p.csv --digits full --json 2>/dev/null >p.json
/usr/bin/python3 -c 'import json; print(abs(json.load(open("p.json"))["predictions"][0]["rating"] - json.load(open("want.json"))) < 1e-12)'
