# Validation while fitting: the RMSE of every iteration, patience, and the best parameters kept.
awk 'NR == 1 || NR % 10 != 3' "$DATA/sample.csv" >train.csv
awk 'NR == 1 || NR % 10 == 3' "$DATA/sample.csv" >held.csv
"$MIXFILL" fit train.csv --valid held.csv -k 4 --max-iter 6 --tol 0 -o all.npz --json 2>/dev/null >all.json
"$MIXFILL" fit train.csv --valid held.csv -k 16 --max-iter 100 --tol 0 --patience 2 -o best.npz --json 2>/dev/null >best.json
"$MIXFILL" evaluate all.npz held.csv --json 2>/dev/null >all.eval
"$MIXFILL" evaluate best.npz held.csv --json 2>/dev/null >best.eval
"$MIXFILL" fit train.csv -k 4 --max-iter 6 --tol 0 -o plain.npz >/dev/null 2>&1 && cat >same.py <<'END'
import json, sys, zipfile
plain, watched = (zipfile.ZipFile(name) for name in sys.argv[1:])
history = json.loads(watched.read("meta.json"))["history"]
rmse = [h.pop("rmse") for h in history]
meta = json.loads(plain.read("meta.json"))
print(meta["history"] == history, "rmse" in str(meta), len(rmse),
      all(plain.read(n) == watched.read(n) for n in plain.namelist() if n != "meta.json"))
END
python3 same.py plain.npz all.npz
for threads in 1 3; do
    "$MIXFILL" fit train.csv --valid held.csv -k 16 --max-iter 100 --tol 0 --patience 2 --threads $threads -o t.npz >/dev/null 2>&1 && cmp best.npz t.npz && echo "same bits"
done
python3 - <<'END'
import json
fit, evaluation = json.load(open("all.json")), json.load(open("all.eval"))
rmse = [h["rmse"] for h in fit["history"]]
print(len(rmse), abs(rmse[-1] - evaluation["rmse"]) < 1e-12)
fit, evaluation = json.load(open("best.json")), json.load(open("best.eval"))
rmse = [h["rmse"] for h in fit["history"]]
print(fit["best_iteration"] == rmse.index(min(rmse)) + 1, fit["log_likelihood"] == fit["history"][fit["best_iteration"] - 1]["log_likelihood"])
print(fit["stop_reason"], fit["converged"], rmse.index(min(rmse)) == len(rmse) - 3, abs(min(rmse) - evaluation["rmse"]) < 1e-12)
END
# of several starts, the one with the least held-out RMSE wins
for seed in 1 2 3; do
    "$MIXFILL" fit train.csv --valid held.csv -k 16 --patience 1 --seed $seed -o s$seed.npz --json 2>/dev/null >s$seed.json
done
"$MIXFILL" fit train.csv --valid held.csv -k 16 --patience 1 --n-init 3 -o three.npz --json 2>/dev/null >three.json
"$MIXFILL" info three.npz --json >info.json
python3 - <<'END'
import json
least = lambda name: min(h["rmse"] for h in json.load(open(name))["history"])
three, info = json.load(open("three.json")), json.load(open("info.json"))
each = [least(f"s{i}.json") for i in (1, 2, 3)]
print(least("three.json") == min(each), three["best_start"] == each.index(min(each)) + 1)
print(info["iterations"] == three["best_iteration"], info["log_likelihood"] == three["log_likelihood"], info["n_mixtures"])
END
printf 'userId,movieId,rating\n' >empty.csv
"$MIXFILL" fit train.csv --valid empty.csv -o x.npz 2>&1 | tail -n 1
"$MIXFILL" fit train.csv --patience 3 -o x.npz 2>&1 | head -n 1
"$MIXFILL" fit train.csv --valid train.csv --patience 0 -o x.npz 2>&1 | head -n 1
"$MIXFILL" fit train.csv --valid held.csv -o held.csv 2>&1 | tail -n 1
ls x.npz 2>/dev/null || echo "nothing left behind"
# every line of the progress has it, and of those that may end sooner none says how long they take
progress() { "$MIXFILL" fit train.csv --max-iter 4 --progress always -o p.npz "$@" 2>&1 >/dev/null | grep iteration; }
told() { sed -E 's/[-+0-9.e]*[0-9][0-9.e]*/N/g' | sort | uniq -c; }
progress --model map -k 2 --valid held.csv | told
progress --model map -k 2 --tol 0 --holdout 0.2 | told
progress --model map -k 2 | told
progress --model factor --rank 2 --valid held.csv | told
progress --model factor --rank 2 --valid held.csv --patience 3 | told
# the model remembers it, and the report draws it
"$MIXFILL" report all.npz --json >report.json
"$MIXFILL" report all.npz -o report.html >/dev/null
"$MIXFILL" report plain.npz --json >plain.report
"$MIXFILL" report plain.npz -o plain.html >/dev/null
grep -c "fig-held-out" report.html plain.html
python3 - <<'END'
import json
fit, report, plain = (json.load(open(n)) for n in ("all.json", "report.json", "plain.report"))
print([h["rmse"] for h in report["history"]] == [h["rmse"] for h in fit["history"]], "rmse" in str(plain["history"]))
page = open("report.html").read()
print(all(f">{h['rmse']:.5f}</td>" in page for h in fit["history"]))
END
# all iterations have one or none has
python3 - <<'END'
import json, zipfile
with zipfile.ZipFile("all.npz") as old, zipfile.ZipFile("gap.npz", "w") as new:
    for name in old.namelist():
        data = old.read(name)
        if name == "meta.json":
            meta = json.loads(data)
            del meta["history"][3]["rmse"]
            data = json.dumps(meta).encode()
        new.writestr(name, data)
END
"$MIXFILL" info gap.npz 2>&1 || true
