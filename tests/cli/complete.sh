# Filling a matrix: text, .npy and standard output; the truth; a sparse file.
printf '5 4 0 1 0\n4 0 5 1 1\n0 5 4 0 1\n1 1 0 5 4\n0 1 1 4 5\n1 0 1 4 0\n' >holes.txt
printf '5 4 4 1 1\n4 5 5 1 1\n4 5 4 0 1\n1 1 1 5 4\n1 1 1 4 5\n1 1 1 4 5\n' >full.txt
"$MIXFILL" fit --model classic holes.txt -k 2 -o m.npz >/dev/null 2>&1
"$MIXFILL" complete m.npz holes.txt -o out.txt --truth full.txt
cat out.txt
"$MIXFILL" complete m.npz holes.txt -o - 2>/dev/null | cmp - out.txt && echo "same on stdout"
"$MIXFILL" complete m.npz holes.txt -o out.npy >/dev/null 2>&1
"$MIXFILL" complete m.npz holes.txt --truth full.txt --json 2>/dev/null >c.json
python3 - <<'END'
import json, math, struct
c = json.load(open("c.json"))
rows = lambda name: [[float(x) for x in line.split()] for line in open(name)]
holes, full, out = rows("holes.txt"), rows("full.txt"), rows("out.txt")
cells = [(h, f, o) for a, b, d in zip(holes, full, out) for h, f, o in zip(a, b, d)]
print(all(o == h for h, _, o in cells if h))
print(c["n_missing"] == sum(h == 0 for h, _, _ in cells), c["n_all"] == len(cells))
rmse = lambda part: math.sqrt(sum((f - o) ** 2 for _, f, o in part) / len(part))
print(abs(c["rmse_all"] - rmse(cells)) < 1e-12)
print(abs(c["rmse_missing"] - rmse([x for x in cells if not x[0]])) < 1e-12)
raw = open("out.npy", "rb").read()
n = struct.unpack("<H", raw[8:10])[0]
print(raw[:6], raw[10:10 + n].split(b"}")[0])
print(list(struct.unpack("<30d", raw[10 + n:])) == [x for row in out for x in row])
END
printf '1 2 3 4 5 6\n' >other.txt
"$MIXFILL" complete m.npz holes.txt --truth other.txt 2>&1 | tail -n 1
# standard deviations beside the matrix: what predict says of missing cells, 0 for observed ones
for model in classic map factor; do
    "$MIXFILL" fit holes.txt --model $model $([ $model = factor ] && echo "--rank 1" || echo "-k 2") -o s.npz >/dev/null 2>&1
    "$MIXFILL" complete s.npz holes.txt -o plain.txt >/dev/null 2>&1
    "$MIXFILL" complete s.npz holes.txt -o with.txt --sd sd.txt 2>/dev/null | sed -n '/saved/p'
    "$MIXFILL" complete s.npz holes.txt -o with.npy --sd - 2>/dev/null | cmp - sd.txt && cmp plain.txt with.txt && echo "same matrix"
    for u in 0 1 2 3 4 5; do for j in 0 1 2 3 4; do echo $u,$j; done; done >cells.csv
    "$MIXFILL" predict s.npz cells.csv --ratings holes.txt --digits full -o cells.out 2>/dev/null
    python3 - <<'END'
import csv
holes, sd = ([float(x) for line in open(n) for x in line.split()] for n in ("holes.txt", "sd.txt"))
want = [float(r["sd"]) for r in csv.DictReader(open("cells.out"))]
print(all(s == (0 if h else w) for h, s, w in zip(holes, sd, want)), len(sd) == len(want) == 30)
END
done
"$MIXFILL" complete s.npz holes.txt -o short.txt --sd sd.npy --digits 2 --json 2>/dev/null | head -n 3
head -n 1 short.txt
# both are replaced or neither
echo old >old.txt
"$MIXFILL" complete s.npz holes.txt -o old.txt --sd /dev/full 2>&1 | tail -n 1
"$MIXFILL" complete s.npz holes.txt -o old.txt --sd absent/sd.txt 2>&1 | tail -n 1
cat old.txt
for given in "--sd sd.txt --truth full.txt" "-o x.txt --sd x.txt" "-o x.txt --sd ./x.txt" "-o - --sd -" "-o x.txt --sd sd.csv" \
    "-o x.txt --sd holes.txt" "-o x.txt --sd - --json" "-o x.txt --digits 99"; do
    # shellcheck disable=SC2086
    "$MIXFILL" complete s.npz holes.txt $given 2>&1 | head -n 1
done
ls x.txt 2>/dev/null || true
