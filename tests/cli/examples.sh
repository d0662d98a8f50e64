# The examples of the manual pages run as they are printed, each page's in a folder of its own, and
# every command has some.
mkdir bin inputs
ln -s "$MIXFILL" bin/mixfill
PATH=$PWD/bin:$PATH
texts=$DATA/../docs/man
cd inputs || exit 1
{
    head -n 1501 "$DATA/sample.csv" |
        awk 'NR == 1 { print $0 ",timestamp"; next } { print $0 "," 1400000000 + 50000 * NR }' >ratings.csv
    mixfill split ratings.csv --train train.csv --test test.csv
    for i in 1 2; do
        mixfill split ratings.csv --train u$i.base --test u$i.test --to tab --seed $i
    done
    mixfill fit train.csv -o model.npz
    cut -d , -f 1,2 test.csv >pairs.csv
    sed "s/^[0-9]/new&/" pairs.csv >new_pairs.csv
    sed "s/^[0-9]/new&/" train.csv >new.csv
    printf 'movieId,title,genres\n8,The eighth,Drama\n94,"Ninety, four",Comedy\n' >movies.csv
    mixfill generate -o matrix.txt --users 40 --items 30 --ratings 400 -k 2
} >/dev/null 2>&1
cd ..

for text in "$texts"/*.txt; do
    name=$(basename "$text" .txt)
    rm -rf work
    cp -r inputs work
    while IFS= read -r line; do
        (cd work && eval "$line") >out 2>&1 </dev/null
        echo "exit $?: $line"
    done < <(sed -n 's/^    //p' "$text")
    [ "$name" = mixfill ] || grep -q "^    mixfill $name " "$text" ||
        grep -qx "    mixfill $name" "$text" || echo "no example of $name in its text"
done
for command in $(mixfill help | sed -n '/^Commands:$/,/^$/s/^  \([a-z]*\) .*/\1/p'); do
    [ -e "$texts/$command.txt" ] || echo "no examples of $command"
done
