# Colours on a terminal, and nowhere else. script (of bsdutils, which Debian always has) makes one.
unset NO_COLOR
export TERM=xterm
printf '1,1,3\n1,2,4\n2,1,4\n' >r.csv
"$MIXFILL" fit r.csv -k 1 -o m.npz >/dev/null 2>&1
shown() { tr -d '\r' | sed 's/\x1b/ESC/g'; }
on_terminal() { script -qec "$1" /dev/null </dev/null | shown; }
echo "-- results"
on_terminal "\"\$MIXFILL\" evaluate m.npz r.csv 2>/dev/null" | head -n 2
on_terminal "\"\$MIXFILL\" select r.csv -k 1 --holdout 0.4 2>/dev/null" | sed 's/[0-9.-]*[0-9]\.[0-9]* */N /g'
on_terminal "\"\$MIXFILL\" cv r.csv -k 1 --folds 3 2>/dev/null" | sed 's/[0-9.-]*[0-9]\.[0-9]* */N /g' | grep ESC
on_terminal "\"\$MIXFILL\" help" | sed -n 5p
echo "-- messages"
on_terminal "\"\$MIXFILL\" evaluate m.npz r.csv >/dev/null"
on_terminal "\"\$MIXFILL\" evaluate m.npz no-such-file"
on_terminal "\"\$MIXFILL\" nonsense" | cut -c 1-60
echo "-- each stream for itself"
on_terminal "\"\$MIXFILL\" evaluate m.npz r.csv 2>err >out" && grep -c $'\x1b' err out
echo "-- none"
for plain in NO_COLOR=1 TERM=dumb "-u TERM"; do
    on_terminal "env $plain \"\$MIXFILL\" evaluate m.npz r.csv" >terminal
    "$MIXFILL" evaluate m.npz r.csv >piped 2>&1
    cmp terminal piped && grep -c ESC terminal
done
on_terminal "env NO_COLOR= \"\$MIXFILL\" evaluate m.npz r.csv" | grep -c ESC
on_terminal "\"\$MIXFILL\" evaluate m.npz r.csv --json 2>/dev/null" | grep -c ESC
on_terminal "\"\$MIXFILL\" report m.npz -o - 2>/dev/null" | grep -c ESC
echo "-- progress"
"$MIXFILL" cv r.csv -k 1 --folds 3 --progress always 2>&1 >/dev/null | grep -o 'fold ./3  iteration 1/'
"$MIXFILL" select r.csv -k 1,2 --holdout 0.4 --max-iter 1 --progress always 2>&1 >/dev/null | grep -o 'K = .  iteration'
pairs() { for ((i = 0; i < 20000; i++)); do echo 1,2; done; }
mkfifo pipe
{ pairs; sleep 1; pairs; } >pipe &
on_terminal "\"\$MIXFILL\" predict m.npz pipe -o out.csv" >terminal
grep -o 'predicting: [0-9.]* kB' terminal | tail -n 1
wc -l <out.csv
{ pairs; sleep 1; pairs; } >pipe &
"$MIXFILL" predict m.npz pipe -o out.csv 2>&1
# A line that would wrap could not be renewed: the last parts of it are left out.
printf '1,1,3\n1,2,4\n2,1,4\n2,2,5\n3,1,1\n3,2,2\n' >r6.csv
script -qec 'stty cols 60; "$MIXFILL" fit r6.csv -k 1 --tol 0 --max-iter 3 --holdout 0.3 -o m.npz >/dev/null' /dev/null </dev/null |
    tr '\r' '\n' | sed 's/\x1b\[[0-9]*[mK]//g' | grep '^iteration' |
    awk '{ print (length($0) < 60), $1, $3, $4, $6, (/ratings/ ? "speed" : "no speed") }' | sort | uniq -c
exit 0
