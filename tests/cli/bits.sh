# The model is the same bytes for any number of threads, schedule and instruction set's own repeat.
fit() { "$MIXFILL" fit "$DATA/sample.csv" "$@" >/dev/null 2>&1; }
for options in "-k 6" "-k 6 --compat notebook" "-k 33 --tol 0 --max-iter 5" "-k 1" "-k 5 --no-users" "-k 6 --model classic" "-k 3 --model map --n-init 2 --average --max-iter 9" "--model factor --rank 6 --max-iter 6"; do
    fit $options --threads 1 -o 1.npz
    for threads in 2 3 7 16 64; do
        fit $options --threads $threads -o t.npz && cmp 1.npz t.npz
    done
    OMP_NUM_THREADS=5 fit $options -o t.npz && cmp 1.npz t.npz
    for schedule in static dynamic,1 guided,4; do
        OMP_SCHEDULE=$schedule fit $options --threads 3 -o t.npz && cmp 1.npz t.npz
    done
    fit $options --max-memory 20M -o t.npz && cmp 1.npz t.npz
    echo "same: $options"
done
# and the same whether values are kept as codes or as doubles, and whatever the format
awk -F, 'NR > 1 { print $1, $2, $3 }' "$DATA/sample.csv" >s.txt
awk -F, -v OFS='\t' 'NR > 1 { print $1, $2, $3, 0 }' "$DATA/sample.csv" >s.data
awk -F, 'NR > 1 { print $1 "::" $2 "::" $3 "::0" }' "$DATA/sample.csv" >s.dat
sed 's/$/\r/' "$DATA/sample.csv" >s.crlf
fit -k 6 -o 1.npz
for file in s.txt s.data s.dat s.crlf; do
    "$MIXFILL" fit $file -k 6 -o t.npz >/dev/null 2>&1 && cmp 1.npz t.npz && echo "same: $file"
done
"$MIXFILL" fit - -k 6 -o t.npz <s.dat >/dev/null 2>&1 && cmp 1.npz t.npz && echo "same: stdin"
