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
