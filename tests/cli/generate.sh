# Synthetic ratings: the sample is what its README says, whatever the threads.
"$MIXFILL" generate --users 1200 --items 1500 --ratings 60000 -k 6 --seed 7 -o s.csv
cmp s.csv "$DATA/sample.csv" && echo "the sample"
for threads in 1 3 7; do
    "$MIXFILL" generate --shape ml-100k --threads $threads -o $threads.csv >/dev/null
    "$MIXFILL" generate --shape ml-100k --threads $threads -o $threads.npz >/dev/null
    cmp 1.csv $threads.csv && cmp 1.npz $threads.npz
done
wc -l <1.csv
"$MIXFILL" generate --shape ml-100k --seed 2 -o 2.csv --json
cmp -s 1.csv 2.csv || echo "another seed differs"
"$MIXFILL" generate --shape ml-100k --seed 2 --popularity movielens -o same.csv >/dev/null
cmp 2.csv same.csv && echo "movielens is the default"
"$MIXFILL" generate --shape ml-100k --popularity uniform -o u.csv >/dev/null
"$MIXFILL" info u.csv --json 2>/dev/null | python3 -c '
import json, sys
counts = json.load(sys.stdin)["ratings_per_item"]
print("uniform items:", counts[4] < 3 * counts[0])'
"$MIXFILL" generate --popularity zipf -o z.csv 2>&1 | head -n 1
for extension in csv dat tsv data txt npz; do
    "$MIXFILL" generate --users 50 --items 60 --ratings 900 -o g.$extension >/dev/null
    "$MIXFILL" info g.$extension 2>&1 >/dev/null
done
"$MIXFILL" generate --users 3 --items 3 --ratings 9 -o x.csv
echo "exit $?"
