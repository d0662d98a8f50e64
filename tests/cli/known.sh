# Files that go together and have no ids in common.
fit() {
    "$MIXFILL" fit "$@" -k 2 --max-iter 3 >/dev/null 2>&1
}
# try COMMAND...: what it says of ids, and its exit status
try() {
    "$MIXFILL" "$@" >out 2>err
    local status=$?
    echo "== $* : $status"
    grep -a 'known to\|held-out\|has a title\|titles for\|count from\|moved\|^mixfill: [a-z.]*: n' err | grep -v 'unknown to'
    return 0
}
{
    echo user,item,rating
    for u in 1 2 3 4 5 6; do for i in a b c d; do echo "$u,$i,$(((u * 3 + $(printf %d "'$i")) % 5 + 1))"; done; done
} >train.csv
fit train.csv -o m.npz
sed 's/^\([0-9]\)/\1.0/' train.csv >float.csv
sed 's/,\([a-d]\),/,\U\1,/' train.csv >upper.csv
sed 's/^\([0-9]\),\([a-d]\)/u\1,i\2/' train.csv >other.csv
{ head -n 1 train.csv; printf '7,a,3\n8,b,4\n9,c,2\n1,d,5\n'; } >test.csv
{ head -n 1 train.csv; printf '7,a,3\n'; } >new.csv
echo "---- evaluate"
try evaluate m.npz train.csv
try evaluate m.npz float.csv
try evaluate m.npz float.csv --ids int
try evaluate m.npz upper.csv
try evaluate m.npz other.csv
try evaluate m.npz test.csv
try evaluate m.npz new.csv --seen train.csv
try evaluate m.npz test.csv --seen train.csv
try evaluate m.npz train.csv --seen float.csv
try evaluate m.npz train.csv --seen upper.csv
echo "---- recommend"
try recommend m.npz --user 1 --seen train.csv
try recommend m.npz --user 1 --seen float.csv
try recommend m.npz --user 1 --seen upper.csv
printf '1.0\n2.0\n' >users
try recommend m.npz --users users
try recommend m.npz --users users --ids int
printf '1\n2\n7\n8\n9\n' >some
try recommend m.npz --users some
printf 'item,title\na,Alien\n' >few.csv
printf 'item,title\nA,Alien\n' >none.csv
try recommend m.npz --user 1 --seen train.csv --titles few.csv
try recommend m.npz --user 1 --seen train.csv --titles none.csv
try recommend m.npz --ratings new.csv
try recommend m.npz --ratings upper.csv
echo "---- fit, cv, report, predict, complete"
try fit train.csv --valid test.csv -o n.npz --max-iter 2
try fit train.csv --valid new.csv -o n.npz --max-iter 2
try fit train.csv --valid other.csv -o n.npz --max-iter 2
try cv train.csv test.csv train.csv new.csv --max-iter 2
try report m.npz --ratings other.csv -o r.html
try report m.npz --titles none.csv -o r.html
try predict m.npz test.csv --ratings other.csv
echo "---- counting from 0 and from 1"
"$MIXFILL" convert train.csv -o x.mtx >/dev/null 2>&1
"$MIXFILL" convert train.csv -o x.npz >/dev/null 2>&1
fit x.mtx -o mtx.npz
fit x.npz -o npz.npz
try evaluate mtx.npz x.mtx
try evaluate mtx.npz x.npz
try evaluate npz.npz x.mtx
