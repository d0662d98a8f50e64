# What is wrong with a file, and a file without it; exit status 1 where something is.
try() {
    "$MIXFILL" check "$@"
    echo "exit $?"
}
file() { printf "$2" >"$1"; }
file r.csv 'userId,movieId,rating,timestamp\n1,1,3,5\n2,9,4,6\n1,1,oops,6\n1,1,5,7\n7,1,4\n1,1,2,8\n4,5,1,1\n'
echo "-- bad lines and duplicates"
try r.csv --fix fixed.csv
cat fixed.csv
try fixed.csv
for policy in first mean; do
    "$MIXFILL" check r.csv --duplicates $policy --fix - 2>/dev/null | grep "^1,1"
done
try r.csv --duplicates error
try r.csv --json --fix fixed.dat
cat fixed.dat
echo "-- more bad lines than are shown, and a range"
for i in 1 2 3 4 5 6 7; do echo "a,$i,$i,1"; done >range.csv
try range.csv --rating-range 1:1
try range.csv
echo "-- timestamps"
file times.csv '1,1,3,1\n1,2,4,soon\n'
try times.csv | tail -n 4
try times.csv --no-timestamps | tail -n 2
echo "-- index formats"
file gaps.txt '1 0 0 2 0\n0 0 0 0 0\n3 0 0 4 0\n'
try gaps.txt
file uneven.txt '1 0 0 2 0\n0 0 0 0\n'
try uneven.txt 2>&1
"$MIXFILL" convert gaps.txt -o gaps.npz >/dev/null 2>&1
"$MIXFILL" check gaps.npz --json | python3 -c 'import json, sys
c = json.load(sys.stdin)
print(list(c))
print(c["user_ids"], c["empty_users"], c["empty_items"], c["clean"], c["fixed"])'
echo "-- many values"
awk 'BEGIN { for (i = 0; i < 1000; i++) printf "u%d,%d,%.3f\n", i % 10, i, i / 8 }' >many.csv
try many.csv
echo "-- nothing but bad lines"
file none.csv 'userId,movieId,rating\n1,1,x\n1,2,y\n'
try none.csv 2>&1
file empty.csv ''
try empty.csv 2>&1
echo "-- the same for any number of threads"
"$MIXFILL" check "$DATA/sample.csv" --json --threads 1 >1.json
for threads in 2 3 7; do
    "$MIXFILL" check "$DATA/sample.csv" --json --threads $threads | cmp - 1.json
done
"$MIXFILL" check - <"$DATA/sample.csv" | tail -n 1
echo "-- wrong uses"
wrong() {
    "$MIXFILL" check "$@" 2>err >/dev/null
    echo "exit $?: $(head -n 1 err)"
    rm -f err
}
ls -A >before
wrong
wrong r.csv gaps.txt
wrong missing.csv
wrong r.csv --fix r.csv
wrong r.csv --fix ./r.csv
wrong r.csv --fix x.foo
wrong r.csv --to csv
wrong r.csv --fix - --json
wrong r.csv --fix no/such/x.csv
wrong r.csv --fix x.txt --to dense --missing one
wrong gaps.txt --fix x.csv --rating-range 2:4
ls -A | diff before -
