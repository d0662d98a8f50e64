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
