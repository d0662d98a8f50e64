# Wrong command lines: one line that says what was expected, exit status 2.
try() {
    "$MIXFILL" "$@" 2>err >/dev/null
    echo "exit $?: $(head -n 1 err)"
    rm err
}
printf 'u,i,3\nv,j,4\n' >r.csv
try
try nonsense
try reccomend
try help evalute
try --versoin
try fit
try fit r.csv
try fit r.csv r.csv -o m.npz
try fit r.csv -o m.npz -k 0
try fit r.csv -o m.npz -k two
try fit r.csv -o m.npz --seed -1
try fit r.csv -o m.npz --seed 4294967296
try fit r.csv -o m.npz --seed 4294967295 --n-init 2
try fit r.csv -o m.npz --tol nan
try fit r.csv -o m.npz --tol -1
try fit r.csv -o m.npz --rank 2 -k 3
try fit r.csv -o m.npz --rank 2 --average
try fit r.csv -o m.npz --prior-strength 5 --min-support 2
try fit r.csv -o m.npz --min-var 0
try fit r.csv -o m.npz --min-support inf
try fit r.csv -o m.npz --max-iter 0
try fit r.csv -o m.npz --n-init 0
try fit r.csv -o m.npz --threads 0
try fit r.csv -o m.npz --model other
try fit r.csv -o m.npz --model classic --average
try fit r.csv -o m.npz --model map --compat notebook
try fit r.csv -o m.npz --model classic --prior-strength 3
try fit r.csv -o m.npz --model map --min-support 2
try fit r.csv -o m.npz --prior-strength nan
try fit r.csv -o m.npz --compat other
try fit r.csv -o m.npz --progress maybe
try fit r.csv -o m.npz --max-memory lots
try fit r.csv -o - --json
try fit r.csv -o m.npz --format xml
try fit r.csv -o m.npz --rating-range 5:1
try fit r.csv -o m.npz --no-such-option
# Long options have no abbreviations; the nearest is named.
try fit r.csv -o m.npz --n-comp 3
try fit r.csv -o m.npz --thread 2
try fit r.csv -o m.npz --max 3
try fit r.csv -o m.npz --max=3
try fit r.csv -o m.npz --n-components 3
try fit r.csv -o m.npz --k 3
try fit r.csv -o m.npz --sede 3
try fit r.csv -o m.npz --=3
try fit -k 8 -om.npz r.csv --jso
try fit r.csv -o m.npz --threads 1 --seed --see
try fit r.csv -o m.npz -- --see
try fit r.csv -x --see
try fit r.csv --out m.npz
try recommend m.npz --item 318
try recommend m.npz --item=318
try recommend m.npz --items 0
try recommend m.npz -n 0
try recommend m.npz --user --item --tpo 3
try predict m.npz r.csv --rating r.csv
try cv r.csv --fold 3
try select r.csv --hold 0.1
try split r.csv --tr a.csv --te b.csv
try convert r.csv --output x.npz --no-time
try check r.csv --trans
try report m.npz --title x
try evaluate m.npz r.csv --threads
try info r.csv --json=1
try doctor --hel
try doctor --$(printf "x%.0s" {1..100})
try complete m.npz r.csv
try complete m.npz r.csv -o full.csv
try evaluate m.npz
try predict
try info
try generate
try generate -o x.foo
try generate -o x.csv --shape ml-5m
try doctor please
echo "left: $(ls -A | tr '\n' ' ')"
