# Bad input: FILE:LINE: what, the value, what was expected; exit status 1; nothing left behind.
try() {
    "$MIXFILL" fit "$@" -o out/m.npz 2>&1 >/dev/null
    echo "  exit $?, left: $(ls -A out | tr '\n' ' ')"
}
mkdir out
file() { printf "$2" >"$1"; }
try missing.csv
try out
file empty.csv ''
try empty.csv
file header.csv 'userId,movieId,rating\n'
try header.csv
file text.csv 'userId,movieId,rating\n1,1,4\n1,2,four\n'
try text.csv
file nan.csv '1,1,4\n1,2,nan\n'
try nan.csv
file inf.dat '1::1::4::9\n1::2::inf::9\n'
try inf.dat
file huge.txt '1 1 4\n1 2 1e200\n'
try huge.txt
file fields.csv '1,1,4,0\n1,2,3\n'
try fields.csv
file five.csv '1,1,4,0,7\n'
try five.csv
file two.csv '1,1\n'
try two.csv
file quote.csv 'u,"i,3\n'
try quote.csv
file names.csv 'who,what,how\n1,1,3\n'
try names.csv
file twice.csv 'userId,movieId,rating\n1,1,3\n2,1,4\n1,1,5\n'
try twice.csv
file uneven.txt '1 2 3 4 5\n1 2 3 4\n'
try uneven.txt
file word.txt '1 2 3 4 5\n1 2 x 4 5\n'
try word.txt
file dnan.txt '1 2 nan 4 5\n'
try dnan.txt
file ids.csv 'a,1,3\n'
try ids.csv --ids int
file range.csv '1,1,7\n'
try range.csv --rating-range 1:5
file few.csv '1,1,3\n2,1,4\n'
try few.csv -k 3
printf '\037\213\010\000rest' >packed.csv.gz
try packed.csv.gz
file market.mtx '%%%%MatrixMarket matrix coordinate real general\n'
try market.mtx
printf 'PK\003\004not really' >cut.npz
try cut.npz
file zeros.txt '0 0 0 0 0\n'
try zeros.txt
try few.csv -k 1 --max-memory 1k | sed 's/takes [^,]*/takes N/'
MIXFILL_ISA=v9 try few.csv -k 1 | sed 's/: v1.*/: .../; s/: generic.*/: .../'
# a model where something else is expected, and the other way round
printf 'a,x,1\na,y,2\nb,x,3\n' >m.csv
"$MIXFILL" fit m.csv --model map -k 1 -o m.npz >/dev/null 2>&1
for command in "fit m.npz -o x.npz" "cv m.npz" "select m.npz" "check m.npz" "convert m.npz -o x.csv" "split m.npz --train x.csv --test y.csv" \
    "evaluate m.npz m.npz" "complete m.npz m.npz -o x.txt" "predict m.npz m.npz" "predict m.npz m.npz --json" \
    "recommend m.npz --seen m.npz" "recommend m.npz --ratings m.npz" "recommend m.npz --users m.npz" \
    "evaluate m.csv m.npz" "predict m.csv m.npz" "complete m.csv m.npz -o x.txt" "evaluate m.csv m.csv" "report m.csv -o x.html"; do
    # shellcheck disable=SC2086
    "$MIXFILL" $command 2>&1 >/dev/null | tail -n 1
done
"$MIXFILL" info m.npz | head -n 1
ls x* y 2>/dev/null || echo "nothing left behind"
