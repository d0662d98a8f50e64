# Predictions as csv and JSON, in the order of the file, with the ids as written.
printf 'a,x,2\nb,x,4\n"c, d",x,3\na,007,4\nb,007,4\n' >train.csv
"$MIXFILL" fit --model classic train.csv -k 1 -o m.npz >/dev/null 2>&1
printf 'movieId,userId\nx,a\n007,"c, d"\n7,a\nx,nobody\nx,a\n' >pairs.csv
"$MIXFILL" predict m.npz pairs.csv
"$MIXFILL" predict m.npz pairs.csv -o out.csv 2>/dev/null
"$MIXFILL" predict m.npz - <pairs.csv 2>/dev/null | cmp - out.csv && echo same
"$MIXFILL" predict m.npz pairs.csv --json 2>/dev/null |
    python3 -c 'import json, sys; p = json.load(sys.stdin); print(list(p), p["n"], p["predictions"][1])'
"$MIXFILL" predict m.npz pairs.csv --json -o o2.csv 2>/dev/null |
    python3 -c 'import json, sys; print(json.load(sys.stdin))'
cmp out.csv o2.csv
# without users in the model, everyone is unknown
"$MIXFILL" fit --model classic train.csv -k 1 --no-users -o anonymous.npz >/dev/null 2>&1
"$MIXFILL" predict anonymous.npz pairs.csv 2>/dev/null | sed -n 2p
printf 'x\n' >bad.csv
"$MIXFILL" predict m.npz bad.csv -o bad.out
echo "exit $? $(ls bad.out 2>&1)"
# users folded in: new, with replaced ratings, with unknown items
# digits that instruction sets agree on
rounded() {
    sed -E 's/([0-9]\.[0-9]{6})[0-9]+/\1/g'
}
printf 'new,x,5\nnew,y,1\nnew,007,5\na,x,5\n' >new.csv
printf 'new,x\na,x\nb,x\nnobody,x\nnew,y\n' >pairs2.csv
"$MIXFILL" fit train.csv -k 2 -o map.npz >/dev/null 2>&1
"$MIXFILL" predict --digits full map.npz pairs2.csv | rounded
"$MIXFILL" predict --digits full map.npz pairs2.csv --ratings new.csv | rounded
"$MIXFILL" predict map.npz pairs2.csv --ratings new.csv --json 2>/dev/null | grep -c '"known_user": true'
"$MIXFILL" predict --digits full anonymous.npz pairs2.csv --ratings new.csv -o out2.csv --threads 2
rounded <out2.csv
# the rows of training folded in give the bits of training
for model in classic map; do
    "$MIXFILL" fit "$DATA/sample.csv" --model $model --max-iter 5 -o s.npz >/dev/null 2>&1
    "$MIXFILL" predict --digits full s.npz "$DATA/sample.csv" -o p1.csv 2>/dev/null
    "$MIXFILL" predict --digits full s.npz "$DATA/sample.csv" --ratings "$DATA/sample.csv" -o p2.csv 2>/dev/null
    cmp p1.csv p2.csv && echo "same bits: $(wc -l <p2.csv)"
done
"$MIXFILL" predict map.npz pairs2.csv --ratings absent.csv -o none.csv || echo "exit $?"
"$MIXFILL" predict map.npz pairs2.csv --ratings new.csv -o new.csv || echo "exit $?"
[ -e none.csv ] || echo "nothing left behind"
# digits: by default rounding stays within 1 % of the sd, whatever the scale; full brings back every bit
for factor in 0.0001 1 1000; do
    awk -F, -v f=$factor 'NR > 1 { print $1 "," $2 "," $3 * f }' "$DATA/sample.csv" >scaled.csv
    "$MIXFILL" fit scaled.csv --model classic --min-var "$(awk -v f=$factor 'BEGIN { print f * f / 10 }')" --max-iter 5 -o scaled.npz >/dev/null 2>&1
    "$MIXFILL" predict scaled.npz scaled.csv -o short.csv 2>/dev/null
    "$MIXFILL" predict scaled.npz scaled.csv --digits 2 -o two.csv 2>/dev/null
    "$MIXFILL" predict scaled.npz scaled.csv --digits full -o full.csv 2>/dev/null
    python3 - <<'END'
import csv
full, short, two = (list(csv.DictReader(open(n))) for n in ("full.csv", "short.csv", "two.csv"))
near = lambda a, b, key: abs(float(a[key]) - float(b[key])) <= 0.01 * float(b["sd"])
print(all(near(a, b, key) for a, b in zip(short, full) for key in ("rating", "sd")),
      max(len(a["rating"]) for a in short) <= 9, {len(a["sd"].split(".")[1]) for a in two},
      max(len(b["rating"]) for b in full) > 15)
END
done
for digits in 16 -1 x ''; do "$MIXFILL" predict m.npz pairs.csv --digits "$digits" 2>&1 | head -n 1; done
# the same in JSON, one object or an object a line, to a file or to standard output
for digits in "" "--digits full"; do
    # shellcheck disable=SC2086
    {
        "$MIXFILL" predict m.npz pairs.csv $digits -o p.csv 2>/dev/null
        "$MIXFILL" predict m.npz pairs.csv $digits --json >p.json 2>/dev/null
        "$MIXFILL" predict m.npz pairs.csv $digits --jsonl >p.jsonl 2>/dev/null
        "$MIXFILL" predict m.npz pairs.csv $digits --json -o q.json >summary.json 2>/dev/null
        "$MIXFILL" predict m.npz pairs.csv $digits -o q.jsonl 2>/dev/null
        "$MIXFILL" predict m.npz pairs.csv $digits --jsonl -o lines --json >/dev/null 2>&1
    }
    cmp p.jsonl q.jsonl && cmp p.jsonl lines && echo "the same lines"
    python3 - <<'END'
import csv, json
rows = list(csv.DictReader(open("p.csv")))
p, q, summary = (json.load(open(n)) for n in ("p.json", "q.json", "summary.json"))
lines = [json.loads(line) for line in open("p.jsonl")]
print(p["predictions"] == q["predictions"] == lines, q["path"], p["path"],
      {k: v for k, v in q.items() if k != "predictions"} == summary)
print(all(float(r[k]) == x[k] for r, x in zip(rows, lines) for k in ("rating", "sd")),
      all(bool(int(r[k])) == x[k] for r, x in zip(rows, lines) for k in ("known_user", "known_item")))
END
done
"$MIXFILL" predict m.npz pairs.csv --json --jsonl 2>&1 | head -n 1
# an id that is no UTF-8 is escaped as Latin-1; nothing is half-written where a line is bad
printf 'a,x\n"q""\t\303\251",x\nb,y\n' >text.csv
"$MIXFILL" predict m.npz text.csv --jsonl 2>/dev/null | python3 -c 'import json, sys; print([json.loads(line)["user"] for line in sys.stdin])'
for i in $(seq 5000); do echo a,x; done >long.csv
cp long.csv bad.csv
printf 'a\377\t,x\n' >>long.csv
"$MIXFILL" predict m.npz long.csv --json 2>/dev/null | grep -a '"a..*"' | tail -n 1
"$MIXFILL" predict m.npz long.csv --jsonl 2>/dev/null | python3 -c 'import json, sys; print(ascii([json.loads(line)["user"] for line in sys.stdin][-1]))'
printf 'a,x,1\n' >>bad.csv
echo old >old.json
for out in new.json new.jsonl old.json; do
    "$MIXFILL" predict m.npz bad.csv -o $out || echo "exit $?"
done
ls new.json* 2>/dev/null || cat old.json
"$MIXFILL" predict m.npz pairs.csv --jsonl -o /dev/full || echo "exit $?"
# one pair
"$MIXFILL" predict m.npz --user a --item x
"$MIXFILL" predict m.npz --user nobody --item none
"$MIXFILL" predict m.npz --user a --item x --json --digits 3
"$MIXFILL" predict m.npz --user new --item x --jsonl --ratings new.csv --digits full 2>/dev/null
printf '1,7,2\n2,7,4\n' >numbers.csv
"$MIXFILL" fit numbers.csv --model classic -k 1 -o numbers.npz >/dev/null 2>&1
"$MIXFILL" predict numbers.npz --user 001 --item 007 --ids int | sed -n 1,2p
for given in "--user a" "--item x" "" "pairs.csv --user a --item x" "--user a --item x -o o.csv"; do
    # shellcheck disable=SC2086
    "$MIXFILL" predict m.npz $given 2>&1 | head -n 1
done
"$MIXFILL" predict m.npz --user '' --item x 2>&1 | head -n 1
"$MIXFILL" predict m.npz --user a --item x --ids int 2>&1 | head -n 1
# a header whose names are not known
printf 'klient,towar\na,x\n' >unknown.csv
printf 'klient,towar,rating\na,x,3\n' >third.csv
printf 'userId,towar\na,x\n' >half.csv
printf 'user,7\na,x\n' >data.csv
printf '99,98\na,x\n' >numbers.csv
for pairs in unknown third half data numbers; do
    "$MIXFILL" predict m.npz $pairs.csv || echo "exit $?"
done

# What is refused before the first pair leaves no part of an object; a path may be any bytes.
printf 'userId,thing,rating\n1,2,3\n' >bad.csv
"$MIXFILL" predict m.npz bad.csv --json 2>/dev/null | wc -c
cp m.npz "$(printf 'm\377.npz')"
"$MIXFILL" predict "$(printf 'm\377.npz')" pairs.csv --json 2>/dev/null | python3 -c 'import json, sys; print(ascii(json.load(sys.stdin)["model"]))'
"$MIXFILL" predict "$(printf 'm\377.npz')" pairs.csv --jsonl 2>/dev/null | wc -l
