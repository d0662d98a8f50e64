# Cross-validation and the choice of K: every fold is what fitting and evaluating it by hand gives.
head -n 8001 "$DATA/sample.csv" >r.csv
"$MIXFILL" cv r.csv --folds 4 -k 2 --max-iter 5 --json 2>/dev/null >cv.json
"$MIXFILL" cv r.csv --folds 4 -k 2 --max-iter 5 --threads 3 --json 2>/dev/null | cmp - cv.json && echo "same for 3 threads"
"$MIXFILL" cv r.csv --folds 3 -k 1 2>/dev/null | sed 's/-\?[0-9][0-9]*\.[0-9]*/X/g'
awk 'NR == 1 || NR % 3' r.csv >u1.base
awk 'NR == 1 || NR % 3 == 0' r.csv >u1.test
"$MIXFILL" cv u1.base u1.test u1.base u1.test -k 2 --max-iter 5 --json 2>/dev/null >pairs.json
"$MIXFILL" fit u1.base -k 2 --max-iter 5 -o m.npz >/dev/null 2>&1
"$MIXFILL" evaluate m.npz u1.test --json 2>/dev/null >one.json
"$MIXFILL" select r.csv -k 1,2:4:2 --max-iter 5 --json 2>/dev/null >select.json
"$MIXFILL" select r.csv -k 1,2 --max-iter 5 2>/dev/null | sed 's/-\?[0-9][0-9]*\.[0-9]*/X/g; s/  *\(<-\)\?$//'
python3 - <<'END'
import json, math
cv, pairs, one, select = (json.load(open(f + ".json")) for f in ("cv", "pairs", "one", "select"))
print(len(cv["folds"]), sum(f["n"] for f in cv["folds"]), {f["n"] for f in cv["folds"]})
rmse = [f["rmse"] for f in cv["folds"]]
mean = sum(rmse) / 4
print(abs(cv["rmse"] - mean) < 1e-12, abs(cv["sd"]["rmse"] - math.sqrt(sum((r - mean) ** 2 for r in rmse) / 3)) < 1e-12)
print([f["rmse"] == one["rmse"] and f["mae"] == one["mae"] for f in pairs["folds"]], pairs["sd"]["rmse"] == 0)
users = len({line.split(",")[0] for line in open("r.csv")}) - 1
items = len({line.split(",")[1] for line in open("r.csv")}) - 1
for c in select["candidates"]:
    k = c["n_components"]
    p = k - 1 + k * items + items
    print(k, abs(c["bic"] - (p * math.log(users) - 2 * c["log_likelihood"])) < 1e-6, abs(c["aic"] - 2 * (p - c["log_likelihood"])) < 1e-6)
best = max(select["candidates"], key=lambda c: c["held_out_log_likelihood_per_rating"])
print(select["pick"] == best["n_components"])
END
for wrong in "cv" "cv r.csv u1.base u1.test" "cv r.csv --folds 1" "cv u1.base u1.test --folds 3" "select r.csv -k 2:" "select r.csv -k 1,100000" "cv r.csv --folds 256" "cv none.csv" "select r.csv -k 0" "select r.csv -k 3:1" \
    "select r.csv -k 1,x" "select r.csv u1.base" "select r.csv --holdout 1" "select r.csv -k 100000 --max-iter 1" "cv r.csv --compat notebook --model map"; do
    "$MIXFILL" $wrong >/dev/null 2>err
    echo "exit $?: $(grep -v ': csv (' err | head -n 1)"
done
