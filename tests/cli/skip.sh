# Bad lines counted, the first five shown; duplicates by policy; ids as numbers.
{
    echo 'userId,movieId,rating'
    for i in 1 2 3 4 5 6 7; do echo "1,$i,oops"; done
    printf '1,1,3\n2,1,4\n1,2\n'
} >r.csv
"$MIXFILL" fit r.csv -k 1 --on-bad-line skip -o m.npz 2>&1 >/dev/null
printf '1,1,1\n1,1,2\n1,1,6\n2,1,4\n' >d.csv
for policy in first last mean; do
    "$MIXFILL" info d.csv --duplicates $policy 2>/dev/null | grep values | head -n 1
done
"$MIXFILL" info d.csv --duplicates mean 2>&1 >/dev/null
printf '7,1,1\n007,2,2\n' >ids.csv
"$MIXFILL" info ids.csv 2>&1 >/dev/null
"$MIXFILL" info ids.csv --ids int 2>&1 >/dev/null
"$MIXFILL" info ids.csv --transpose 2>&1 >/dev/null
printf '1 nan 0 2 nan\n' >n.txt
"$MIXFILL" info n.txt --missing nan 2>&1 >/dev/null
printf '1 2 3 4\n5 6 7 8\n' >m.txt
"$MIXFILL" info m.txt 2>&1 >/dev/null
"$MIXFILL" info m.txt --format dense 2>&1 >/dev/null
# what is counted is what is left
printf 'a,x,2\na,x,4\nb,x,2\nb,y,3\n' >left.csv
for policy in first last mean; do
    "$MIXFILL" info left.csv --duplicates $policy 2>/dev/null | grep different
done
