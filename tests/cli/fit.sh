# The table and the JSON of a fit, with what depends on the machine masked.
cat >r.csv <<'END'
userId,movieId,rating,timestamp
ann,"The Mirror, part 1",5,1
ann,007,4,2
bob,"The Mirror, part 1",1,3
bob,7,2,4
cid,7,2.5,5
END
"$MIXFILL" fit r.csv --model classic -k 2 --seed 3 -o m.npz | sed 's/^\(time\|speed\|threads, kernels\|peak memory\) .*/\1 MASKED/'
"$MIXFILL" fit r.csv --model classic -k 2 --seed 3 -o m2.npz --json >fit.json
cmp m.npz m2.npz && echo "same model"
python3 - <<'END'
import json
f = json.load(open("fit.json"))
print(list(f))
print(list(f["history"][0]), list(f["seconds"]), list(f["bytes"]))
print(list(f["history"][0]["phases"]), "add up:",
      all(abs(sum(h["phases"].values()) - h["seconds"]) < 1e-9 for h in f["history"]))
print(f["model"], f["n_users"], f["n_items"], f["n_ratings"], f["n_components"], f["seed"], f["path"])
print(f["iterations"] == len(f["history"]), f["stop_reason"], f["converged"])
print(f["log_likelihood"] == f["history"][-1]["log_likelihood"])
print(all(x >= 0 for x in f["seconds"].values()), all(x >= 0 for x in f["bytes"].values()))
END
# the phases are the whole, but for what passes between two clocks
"$MIXFILL" fit "$DATA/sample.csv" --model factor --holdout 0.1 -o s.npz --json 2>/dev/null >fit.json
"$MIXFILL" fit "$DATA/sample.csv" --model map --n-init 2 --average -o s.npz 2>/dev/null >fit.txt
python3 - <<'END'
import json, re
seconds = json.load(open("fit.json"))["seconds"]
row = re.search("^time .*", open("fit.txt").read(), re.M)[0]
table = [float(x) for x in re.findall("[0-9.]+", row)]
total = seconds.pop("total")
for total, parts in (total, list(seconds.values())), (table[0], table[1:]):
    # a process may be put aside between any two clocks
    print(len(parts), sum(parts) <= total + 0.005, sum(parts) > 0.98 * total - 0.2)
print(re.sub("[0-9.]+", "N", row))
END
# 3 where --strict meets --max-iter; the model is saved all the same
"$MIXFILL" fit "$DATA/sample.csv" --model map --max-iter 1 --strict -o s.npz >/dev/null
echo "strict: $? $(test -s s.npz && echo saved)"
"$MIXFILL" fit "$DATA/sample.csv" --model map --max-iter 1 -o s.npz >/dev/null
echo "not strict: $?"
# a line per iteration with --progress always, none by default off a terminal
"$MIXFILL" fit "$DATA/sample.csv" --max-iter 3 --tol 0 --progress always -o s.npz 2>&1 >/dev/null |
    grep -c '^iteration [123]/3  about [0-9]* s left  log-likelihood -[0-9.]*.* M ratings/s$'
"$MIXFILL" fit "$DATA/sample.csv" --max-iter 3 -o s.npz 2>&1 >/dev/null | grep -c iteration
# the best start wins, and is what its own seed gives
"$MIXFILL" fit "$DATA/sample.csv" -k 4 --n-init 3 --seed 5 -o best.npz --json 2>/dev/null >best.json
for seed in 5 6 7; do
    "$MIXFILL" fit "$DATA/sample.csv" -k 4 --seed $seed -o one.npz --json 2>/dev/null >one.$seed
done
python3 -c '
import json
one = [json.load(open(f"one.{s}"))["log_likelihood"] for s in (5, 6, 7)]
print("best of three:", json.load(open("best.json"))["log_likelihood"] == max(one))'
"$MIXFILL" fit "$DATA/sample.csv" --dry-run | sed 's/[0-9][0-9.]* [kM]*B$/SIZE/; s/^threads .*/threads MASKED/'
# a size that is said can be given, and is enough; a tenth less is not
said=$("$MIXFILL" fit "$DATA/sample.csv" --model map -k 2 --max-memory 1k -o x.npz 2>&1 | sed -n 's/.*takes \(.*\), expected.*/\1/p')
"$MIXFILL" fit "$DATA/sample.csv" --model map -k 2 --max-memory "$said" -o x.npz >/dev/null 2>&1 && echo "enough"
less=$(awk -v said="$said" 'BEGIN { split(said, part, " "); print part[1] - 0.1 part[2] }')
"$MIXFILL" fit "$DATA/sample.csv" --model map -k 2 --max-memory "$less" -o x.npz >/dev/null 2>&1 || echo "not enough"
for size in "1 kB" 1.5M "1  kB" "1 k B"; do
    "$MIXFILL" fit "$DATA/sample.csv" --max-memory "$size" -o x.npz 2>&1 >/dev/null | sed -n '/max-memory/{s/takes [^,]*/takes N/;p}'
done
