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

echo "---- last, before, three parts, core"
{
    echo user,item,rating,timestamp
    echo ann,p,1,2011-06-01
    printf 'bob,p,1,2011-06-02\nbob,q,2,2011-06-03\nbob,r,3,2011-06-03\n'
    printf 'eve,p,1,2011-06-04\neve,q,1,2011-06-01\neve,r,2,2011-06-06\neve,s,3,2011-05-01\n'
} >timed.csv
# parts OPTIONS...: what is said and what the parts hold
parts() {
    rm -f a.csv v.csv b.csv
    echo "== $*"
    "$MIXFILL" split timed.csv --train a.csv --test b.csv "$@" 2>&1
    for part in a.csv v.csv b.csv; do
        [ ! -e $part ] || echo "$part: $(tail -n +2 $part | cut -d, -f1,2 | tr '\n' ' ')"
    done
}
parts --method last
parts --method last --per-user 2
parts --method last --valid v.csv
parts --before 2011-06-03
parts --before 2011-06-03T00:00:01Z --method time
parts --before 1307059200 --valid v.csv --valid-from 2011-06-01
parts --before 2011-06-01
parts --method time --fraction 0.25 --valid v.csv
parts --fraction 0.25 --valid v.csv --seed 3
parts --method user --fraction 0.3 --valid v.csv
parts --min-ratings 2 --fraction 0.2
parts --min-ratings 3
parts --method last --json --valid v.csv
for wrong in "--method time --seed 2" "--method last --fraction 0.2" "--before 2011-06-03 --fraction 0.2" \
    "--before 2011-06-03 --method user" "--per-user 2" "--before 20110603" "--before soon" "--valid-from 2011-06-01" \
    "--before 2011-06-03 --valid v.csv" "--before 2011-06-03 --valid v.csv --valid-from 2011-06-03" \
    "--valid a.csv" "--valid v.csv --fraction 0.5" "--min-ratings 0" "--per-user 0 --method last" "--before 1990-01-01"; do
    "$MIXFILL" split timed.csv --train a.csv --test b.csv $wrong >out 2>err
    echo "$? $wrong: $(grep -v 'timed.csv: csv' err | head -n 1)"
done
# what fails at its last output leaves none
rm -f a.csv v.csv b.csv
"$MIXFILL" split timed.csv --train /dev/full --valid v.csv --test b.csv --to csv 2>&1
ls v.csv b.csv 2>&1
true
