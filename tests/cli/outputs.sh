# Outputs that cannot be written: one line, exit status 1, an older file untouched, nothing left behind.
printf '1,1,3\n1,2,4\n2,1,4\n' >r.csv
"$MIXFILL" fit r.csv -k 1 -o no/such/m.npz 2>&1 >/dev/null | tail -n 1
"$MIXFILL" fit r.csv -k 1 -o /dev/full 2>&1 >/dev/null | tail -n 1
"$MIXFILL" info r.csv 2>&1 >/dev/full | tail -n 1
# known before the fit, not after it
"$MIXFILL" fit "$DATA/sample.csv" --tol 0 --max-iter 100000000 -k 64 -o no/such/m.npz 2>&1 | tail -n 1
cp r.csv copy.csv
"$MIXFILL" fit copy.csv -k 1 -o copy.csv
echo "exit $?"
cmp r.csv copy.csv
mkdir out
echo old >out/m.npz
(
    ulimit -f 1 # not 0: an OpenMP runtime may keep a small file of its own
    "$MIXFILL" fit r.csv -k 1 -o out/m.npz >&2
    echo "exit $?" >&2
) 2>&1 | tail -n 2
cat out/m.npz
"$MIXFILL" fit r.csv -k 9 -o out/m.npz 2>/dev/null
echo "exit $?"
cat out/m.npz
ls -A out
# a link is followed, /dev/null is written to, - is standard output
ln -s target.npz out/link.npz
"$MIXFILL" fit r.csv -k 1 -o out/target.npz >/dev/null 2>&1
"$MIXFILL" fit r.csv -k 1 -o out/link.npz >/dev/null 2>&1 && test -L out/link.npz && echo "link kept"
"$MIXFILL" fit r.csv -k 1 -o /dev/null >/dev/null 2>&1 && test -c /dev/null && echo "null kept"
"$MIXFILL" fit r.csv -k 1 -o - 2>/dev/null | cmp - out/target.npz && echo "same on stdout"
