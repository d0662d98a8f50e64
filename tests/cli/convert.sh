# Ratings from format to format: what is kept, what is said to be left out, what is refused.
printf 'userId,movieId,rating,timestamp\nb,x,3,100\na,y,4,50\nb,w,0.5,200\na,x,2.5,7\n' >r.csv
for output in csv dat tsv data txt npz; do
    "$MIXFILL" convert r.csv -o r.$output.$output
    "$MIXFILL" convert r.$output.$output -o -
done
"$MIXFILL" convert r.csv -o same.csv --json
"$MIXFILL" convert same.csv -o again.csv >/dev/null && cmp same.csv again.csv && echo "the same again"
echo "-- dense"
"$MIXFILL" convert r.csv -o r.txt --to dense
"$MIXFILL" convert r.txt --format dense -o -
printf 'a,1,0\na,2,3\nb,5,2\nb,6,1\nb,7,1\n' >zero.csv
"$MIXFILL" convert zero.csv -o zero.txt --to dense
echo "exit $?"
"$MIXFILL" convert zero.csv -o zero.txt --to dense --missing nan
cat zero.txt
"$MIXFILL" convert zero.txt --missing nan -o -
echo "-- what a format has no place for"
printf '1 0 0 2 0\n0 0 0 0 0\n3 0 0 4 0\n' >gaps.txt
"$MIXFILL" convert gaps.txt -o gaps.csv
cat gaps.csv
printf 'a b,x,3\nc,"y,z",4\n' >blank.csv
"$MIXFILL" convert blank.csv -o blank.txt
echo "exit $?"
"$MIXFILL" convert blank.csv -o -
printf 'userId,movieId,rating\n#a,#x,3\n' >hash.csv
"$MIXFILL" convert hash.csv -o hash.dat
echo "exit $?"
"$MIXFILL" convert hash.csv -o -
printf 'a:,x,3\nb,:y,4\n' >colon.csv
"$MIXFILL" convert colon.csv -o colon.dat
echo "exit $?"
echo "-- timestamps"
printf '1,1,3,2005-09-06\n1,2,4,1999-12-31 23:59:59\n' >dates.csv
"$MIXFILL" convert dates.csv -o -
"$MIXFILL" convert dates.csv --no-timestamps -o -
printf '1,1,3,7\n1,2,4,soon\n' >soon.csv
"$MIXFILL" convert soon.csv -o -
echo "exit $?"
"$MIXFILL" convert "$DATA/sample.csv" -o 1.csv --threads 1 >/dev/null
for threads in 2 3 7; do
    "$MIXFILL" convert "$DATA/sample.csv" -o t.csv --threads $threads >/dev/null && cmp 1.csv t.csv
done
echo "-- through pipes"
"$MIXFILL" convert - -o - <r.csv
echo "-- wrong uses"
try() {
    "$MIXFILL" convert "$@" 2>err >/dev/null
    echo "exit $?: $(head -n 1 err)"
    rm -f err
}
ls -A >before
try
try r.csv
try r.csv more.csv -o x.csv
try none.csv -o x.csv
try r.csv -o x.foo
try r.csv -o x
try r.csv -o x.csv --to xml
try r.csv -o r.csv
try r.csv -o ./r.csv
try r.csv -o - --json
try r.csv -o no/such/x.csv
try r.csv -o x.csv --threads 0
ls -A | diff before -
