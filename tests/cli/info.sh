# Descriptions of ratings and of a model.
"$MIXFILL" info "$DATA/sample.csv" | sed 's/[0-9][0-9.]* [kM]*B$/SIZE/; s/^threads .*/threads MASKED/'
"$MIXFILL" fit --model classic "$DATA/sample.csv" -k 2 --max-iter 3 -o m.npz >/dev/null 2>&1
"$MIXFILL" info m.npz | sed 's/[0-9][0-9.]* [kM]*B$/SIZE/; s/\(variance\|likelihood\) .*/\1 MASKED/'
"$MIXFILL" info m.npz --json | python3 -c 'import json, sys; print(list(json.load(sys.stdin)))'
"$MIXFILL" info "$DATA/sample.csv" --json 2>/dev/null |
    python3 -c 'import json, sys; i = json.load(sys.stdin); print(list(i)); print(list(i["fit_bytes"]))'
"$MIXFILL" doctor --json | python3 -c 'import json, sys; print(list(json.load(sys.stdin)))'
"$MIXFILL" doctor | cut -c 1-22 | sed 's/ *$//'
# a model is not ratings, and ratings are not a model
"$MIXFILL" fit m.npz -o x.npz 2>&1 | tail -n 1
"$MIXFILL" generate --users 30 --items 40 --ratings 400 -o g.npz >/dev/null
"$MIXFILL" evaluate g.npz "$DATA/sample.csv" 2>&1 | tail -n 1
"$MIXFILL" evaluate "$DATA/sample.csv" "$DATA/sample.csv" 2>&1 | tail -n 1
head -c 3000 m.npz >cut.npz
"$MIXFILL" evaluate cut.npz "$DATA/sample.csv" 2>&1 | tail -n 1
"$MIXFILL" info "$DATA/sample.csv" -k 64 --threads 1 --json 2>/dev/null |
    python3 -c 'import json, sys; i = json.load(sys.stdin); print(i["n_components"], i["fit_bytes"]["threads"], i["values"][9])'
