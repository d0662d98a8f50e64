# What a plain fit is, what asks for a mixture, and what follows from the ratings.
model() { "$MIXFILL" fit "$@" -o m.npz 2>err | head -n 1; grep -h asks err; }
model "$DATA/sample.csv" --max-iter 2
model "$DATA/sample.csv" --max-iter 2 -k 3
model "$DATA/sample.csv" --max-iter 2 --tol 0.1
model "$DATA/sample.csv" --max-iter 2 --average --n-init 2
model "$DATA/sample.csv" --max-iter 2 --min-support 2
model "$DATA/sample.csv" --max-iter 2 --compat notebook
model "$DATA/sample.csv" --max-iter 2 --model map --tol 0.1
"$MIXFILL" cv "$DATA/sample.csv" --folds 2 --max-iter 2 --json 2>/dev/null | python3 -c 'import json, sys; d = json.load(sys.stdin); print(d["model"], d["n_components"])'

# As many components as users, where nobody asked for eight.
printf 'user,item,rating\na,x,1\na,y,2\nb,x,4\nb,z,5\nc,y,3\nc,z,4\n' >tiny.csv
model tiny.csv
model tiny.csv --model map
model tiny.csv --model classic --max-iter 3
"$MIXFILL" fit tiny.csv --model map --dry-run -k 4; echo "exit $?"
"$MIXFILL" info tiny.csv -k 4 >/dev/null; echo "exit $?"

# The same ratings in another order of lines start the same, in other units they fit the same.
python3 - "$DATA/sample.csv" <<'END'
import random, sys
head, *lines = open(sys.argv[1]).read().splitlines()
random.seed(1)
shuffled = random.sample(lines, len(lines))
rows = [line.split(",") for line in lines]
print(head, *shuffled, sep="\n", file=open("shuffled.csv", "w"))
print(head, *(f"{u},{i},{float(r) / 8}" for u, i, r in rows), sep="\n", file=open("eighths.csv", "w"))
print(head, *(f"{u},{i},{float(r) * 20}" for u, i, r in rows), sep="\n", file=open("twenties.csv", "w"))
END
for model in map classic factor; do
    for file in "$DATA/sample.csv" shuffled.csv eighths.csv twenties.csv; do
        "$MIXFILL" fit $file --model $model --max-iter 6 -o m.npz --json 2>/dev/null >fit.json
        "$MIXFILL" evaluate m.npz $file --json 2>/dev/null | python3 -c '
import json, sys
e, f = json.load(sys.stdin), json.load(open("fit.json"))
scale = 8 if "eighths" in sys.argv[1] else 1 / 20 if "twenties" in sys.argv[1] else 1
print(f["model"], f["iterations"], "%.4f %.4f" % (scale * e["rmse"], e["coverage"]["50"]))' $file
    done
done

# A model that loses to user + item bias says so, and what it was compared on.
check() { "$MIXFILL" fit train.csv "$@" -o m.npz --json 2>err >fit.json; sed -n '/warning/s/[0-9]\.[0-9]*/X/gp' err
    python3 -c 'import json; c = json.load(open("fit.json"))["check"]; print(c and (c["ratings"], c["n"], c["rmse"] > c["rmse_bias"]))'; }
"$MIXFILL" split "$DATA/sample.csv" --train train.csv --test held.csv 2>/dev/null >/dev/null
check --model classic
check --model factor
check --model factor --no-users
check --model classic --valid held.csv
check --model factor --valid held.csv
"$MIXFILL" evaluate m.npz held.csv --json 2>/dev/null | python3 -c '
import json, sys
e, f = json.load(sys.stdin), json.load(open("fit.json"))
c = f["check"]
print(c["rmse"] == e["rmse"], c["rmse_bias"] == e["baselines"]["bias"], abs(c["rmse"] - f["history"][-1]["rmse"]) < 1e-12)'
"$MIXFILL" fit train.csv --valid held.csv -o m.npz 2>/dev/null | sed -n '/held-out/,+1s/[0-9]\.[0-9]*/X/gp'
