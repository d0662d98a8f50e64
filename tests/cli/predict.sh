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
"$MIXFILL" predict map.npz pairs2.csv | rounded
"$MIXFILL" predict map.npz pairs2.csv --ratings new.csv | rounded
"$MIXFILL" predict map.npz pairs2.csv --ratings new.csv --json 2>/dev/null | grep -c '"known_user": true'
"$MIXFILL" predict anonymous.npz pairs2.csv --ratings new.csv -o out2.csv --threads 2
rounded <out2.csv
# the rows of training folded in give the bits of training
for model in classic map; do
    "$MIXFILL" fit "$DATA/sample.csv" --model $model --max-iter 5 -o s.npz >/dev/null 2>&1
    "$MIXFILL" predict s.npz "$DATA/sample.csv" -o p1.csv 2>/dev/null
    "$MIXFILL" predict s.npz "$DATA/sample.csv" --ratings "$DATA/sample.csv" -o p2.csv 2>/dev/null
    cmp p1.csv p2.csv && echo "same bits: $(wc -l <p2.csv)"
done
"$MIXFILL" predict map.npz pairs2.csv --ratings absent.csv -o none.csv || echo "exit $?"
"$MIXFILL" predict map.npz pairs2.csv --ratings new.csv -o new.csv || echo "exit $?"
[ -e none.csv ] || echo "nothing left behind"
