# Lists of the best items: tables, csv and JSON, for users of all kinds, and hostile input.
awk 'BEGIN { for (u = 1; u <= 12; u++) for (j = 1; j <= 9; j++)
    if ((u * j) % 4 != 1) printf "%d,%d,%d\n", u, j, 1 + (u + j * j) % 5 }' |
    sed 's/^7,/"se,ven",/' >train.csv
printf 'movieId,title,genres\r\n1,One (1995),x\r\n2,"Two, ""2"" (1996)",x\r\n4,\303\211tat (1997),x\r\n' >movies.csv
printf '1::One (1995)::x\n2::Mis\351rables::x\n3::Three::x\n' >movies.dat
printf '1|One (1995)|01-Jan-1995||http|0\n4|unknown||||1\n' >u.item
"$MIXFILL" fit train.csv -k 2 -o m.npz >/dev/null 2>&1
# digits that instruction sets agree on
rounded() {
    sed -E 's/([0-9]\.[0-9]{6})[0-9]+/\1/g'
}
run() {
    echo "--- $*"
    echo "--- $*" >&2
    { "$MIXFILL" recommend "$@" || echo "exit $?"; } | rounded
}
run m.npz --user 5 --seen train.csv -n 3 --titles movies.csv
run m.npz --user 5 --seen train.csv -n 3 --titles movies.dat
run m.npz --user 5 --seen train.csv -n 3 --titles u.item --risk 2
run m.npz --user se,ven --user 2 --user se,ven -n 2
run m.npz --seen train.csv -n 1
run m.npz --user nobody -n 2
# --top is -n by its name; --items, its name of before, still works and says so
run m.npz --user 5 --top 2
run m.npz --user 5 --items=2
run m.npz --user 5 --items 2
# all items, fewer than asked for
run m.npz --user 1 -n 1000000000 --seen train.csv
# the same lists from a file of users, atomically; by titles with quotes
printf 'x,userId\n1,"se,ven"\n2,12\n3,12\n' >users.csv
run m.npz --users users.csv -n 2 --seen train.csv --titles movies.csv -o out.csv
rounded <out.csv
"$MIXFILL" recommend m.npz --users users.csv -n 2 --seen train.csv --titles movies.csv -o - --threads 3 2>/dev/null |
    cmp - out.csv && echo same
# new users, known ones with new ratings, unknown items; from a model without users too
printf 'new,1,5\nnew,2,1\nnew,77,3\n12,3,5\nother,77,1\n' >new.csv
run m.npz --ratings new.csv -n 2
run m.npz --ratings new.csv -n 2 --user new --user 3 --seen train.csv
"$MIXFILL" fit train.csv -k 2 --no-users -o anonymous.npz >/dev/null 2>&1
run anonymous.npz --user 5
run anonymous.npz --seen train.csv -o none.csv
run anonymous.npz --ratings new.csv -n 1
# the ratings of training folded in: the lists of the users themselves
"$MIXFILL" recommend --digits full m.npz --seen train.csv -o a.csv 2>/dev/null
"$MIXFILL" recommend --digits full m.npz --ratings train.csv -o b.csv 2>/dev/null
"$MIXFILL" recommend --digits full anonymous.npz --ratings train.csv -o c.csv 2>/dev/null
cmp a.csv b.csv && cmp a.csv c.csv && echo same
# who has seen everything
printf 'all,%d,4\n' 1 2 3 4 5 6 7 8 9 >all.csv
run m.npz --ratings all.csv
run m.npz --ratings all.csv --user all --json
run m.npz --user se,ven --seen train.csv --titles movies.csv -n 1 --json
run m.npz --seen train.csv -n 1 --json -o j.csv
# refused
: >empty
printf '\n \n' >blank
printf '1,a\n2,b,c\n' >bad_titles.csv
printf '1,a\n1,b\n' >twice.csv
printf 'a\xff\n1\n' >latin1
run m.npz --user 1 --titles empty
run m.npz --user 1 --titles bad_titles.csv
run m.npz --user 1 --titles twice.csv
run m.npz --users empty
run m.npz --users blank
run m.npz --users absent
run m.npz --ratings empty
run m.npz --seen empty
run m.npz --user ''
run m.npz --user x --ids int
run m.npz --users latin1 --json
run m.npz --user 1 --seen train.csv -o m.npz
run m.npz --user 1 --seen train.csv -o users.csv --users users.csv
run m.npz --user 1 --risk nan
run m.npz --user 1 --risk -1
run m.npz --user 1 -n 0
run m.npz --user 1 --json -o -
run m.npz other.npz
run
run train.csv --user 1
[ -e none.csv ] || echo "nothing left behind"
# score is what sorts a list: before it is cut to the scale, less the risk
"$MIXFILL" fit "$DATA/sample.csv" --model map -k 2 --max-iter 10 -o s.npz >/dev/null 2>&1
for digits in "" "--digits 1" "--digits full"; do
    # shellcheck disable=SC2086
    {
        "$MIXFILL" recommend s.npz --seen "$DATA/sample.csv" -n 5 --risk 0.5 $digits -o l.csv 2>/dev/null
        "$MIXFILL" recommend s.npz --seen "$DATA/sample.csv" -n 5 --risk 0.5 $digits --json >l.json 2>/dev/null
        "$MIXFILL" recommend s.npz --seen "$DATA/sample.csv" -n 5 --risk 0.5 $digits --jsonl >l.jsonl 2>/dev/null
        "$MIXFILL" recommend s.npz --seen "$DATA/sample.csv" -n 5 --risk 0.5 $digits -o o.jsonl --json >summary.json 2>/dev/null
        "$MIXFILL" recommend s.npz --seen "$DATA/sample.csv" -n 5 --risk 0.5 $digits -o o.json 2>/dev/null
    }
    cmp l.jsonl o.jsonl && echo "the same lines"
    python3 - <<'END'
import csv, json
rows = list(csv.DictReader(open("l.csv")))
whole, other, summary = (json.load(open(n)) for n in ("l.json", "o.json", "summary.json"))
lines = [json.loads(line) for line in open("l.jsonl")]
print(list(whole), whole["users"] == lines == other["users"], whole["n_users"] == len(lines) == summary["n_users"],
      "users" in summary)
flat = [(u["user"], i["item"], i["rating"], i["sd"], i["score"]) for u in lines for i in u["items"]]
print(flat == [(r["user"], r["item"], float(r["rating"]), float(r["sd"]), float(r["score"])) for r in rows])
print(all(a["score"] >= b["score"] for u in lines for a, b in zip(u["items"], u["items"][1:])))
END
done
python3 - <<'END'
import csv
rows = [r for r in csv.DictReader(open("l.csv"))]
free = [r for r in rows if 0.5 < float(r["rating"]) < 5]
print(len(rows) > 500, all(abs(float(r["rating"]) - 0.5 * float(r["sd"]) - float(r["score"])) < 1e-9 for r in free),
      any(float(r["rating"]) == 5 and float(r["score"]) > 5 - 0.5 * float(r["sd"]) for r in rows) or len(free) == len(rows))
END
# a file of users whose header is not known
printf 'klient\n3\n' >unknown.csv
run m.npz --users unknown.csv -n 1 --seen train.csv
run m.npz --users unknown.csv --json --jsonl
run m.npz --users latin1 -o new.jsonl
run m.npz --users latin1 -o new.json
ls new.json* 2>/dev/null || echo "nothing left behind"
