# Held-out files: every rating in one of both, the same for any number of threads; what is refused.
make() { awk 'BEGIN { for (u = 1; u <= 40; u++) for (j = 1; j <= 25; j++) if ((u * 7 + j * 3) % 4)
    printf "%d,%d,%d,%d\n", u, j * 10, (u + j) % 5 + 1, 1000000 + (u * 31 + j * 17) % 500 }'; }
make >r.csv
for method in random user time; do
    "$MIXFILL" split r.csv --train a.csv --test b.csv --method $method 2>/dev/null
    tail -q -n +2 a.csv b.csv | sort | cmp - <(sort r.csv) && echo "all of them"
    for threads in 1 2 3 7; do
        "$MIXFILL" split r.csv --train c.csv --test d.csv --method $method --threads $threads \
            >/dev/null 2>&1
        cmp a.csv c.csv && cmp b.csv d.csv
    done
    "$MIXFILL" split r.csv --train c.csv --test d.csv --method $method --seed 2 >/dev/null 2>&1
    cmp -s b.csv d.csv && echo "the same with another seed"
done
echo "latest of training $(tail -n +2 a.csv | cut -d , -f 4 | sort -n | tail -n 1)," \
    "earliest of test $(tail -n +2 b.csv | cut -d , -f 4 | sort -n | head -n 1)"
"$MIXFILL" split r.csv --train a.npz --test b.dat --fraction 0.25 --json 2>/dev/null
head -n 2 b.dat
"$MIXFILL" info a.npz 2>&1 >/dev/null
sed 's/,/::/g' r.csv >r.dat
tr , '\t' <r.csv >r.tsv
tr , ' ' <r.csv >r.txt
for input in dat tsv txt; do
    "$MIXFILL" split r.$input --train c.csv --test d.csv --method time >/dev/null 2>&1
    "$MIXFILL" split r.csv --train a.csv --test b.csv --method time >/dev/null 2>&1
    cmp a.csv c.csv && cmp b.csv d.csv && echo "the same from $input"
done
"$MIXFILL" split - --train a.csv --test - --method user --fraction 0.01 <r.csv 2>/dev/null | wc -l
echo "-- wrong uses"
rm [a-d].* r.tsv r.txt
cut -d , -f 1-3 r.csv >plain.csv
mkdir folder closed
chmod a-w closed
ls -A >before
try() {
    "$MIXFILL" split "$@" 2>err >/dev/null
    echo "exit $?: $(grep -v " x .* ratings$" err | head -n 1)"
    rm -f err
}
try
try r.csv
try r.csv --train a.csv
try r.csv --test a.csv
try r.csv r.dat --train a.csv --test b.csv
try none.csv --train a.csv --test b.csv
try r.csv --train a.csv --test a.csv
try r.csv --train a.csv --test ./a.csv
try r.csv --train a.csv --test folder/../a.csv
try r.csv --train - --test -
try r.csv --train a.csv --test - --json
try r.csv --train r.csv --test b.csv
try r.csv --train a.csv --test ./r.csv
for fraction in 0 1 -0.5 2 nan half; do
    try r.csv --train a.csv --test b.csv --fraction $fraction
done
try r.csv --train a.csv --test b.csv --fraction 0.0001
try r.csv --train a.csv --test b.csv --method best
try r.csv --train a.csv --test b.csv --seed -1
try r.csv --train a.foo --test b.csv
try r.csv --train a.csv --test b
try r.csv --train a.csv --test b.csv --to xml
try plain.csv --train a.csv --test b.csv --method time
try r.csv --train a.csv --test b.csv --method time --no-timestamps
try r.csv --train no/such/a.csv --test b.csv
try r.csv --train a.csv --test no/such/b.csv
if [ -w closed ]; then # root writes everywhere
    echo "exit 1: mixfill: closed/b.csv: cannot create: Permission denied"
else
    try r.csv --train a.csv --test closed/b.csv
fi
try r.csv --train /dev/full --test b.csv --to csv
echo old >b.csv
try r.csv --train no/such/a.csv --test b.csv
cat b.csv
rm b.csv
ls -A | diff before -
ls -A folder closed
