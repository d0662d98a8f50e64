# Evaluation on held-out ratings, by hand: K = 1 predicts an item's mean, here 3 for x and 4 for y.
printf 'a,x,2\nb,x,4\nc,x,3\na,y,4\nb,y,4\nc,y,4\n' >train.csv
printf 'a,x,3\nb,y,2\nnew,x,5\na,unseen,3.5\n' >test.csv
"$MIXFILL" fit --model classic train.csv -k 1 -o m.npz --min-var 0.25 >/dev/null 2>&1
"$MIXFILL" evaluate m.npz test.csv
"$MIXFILL" evaluate m.npz test.csv --json 2>/dev/null >e.json
python3 - <<'END'
import json, math
e = json.load(open("e.json"))
print(list(e))
g = sum([2, 4, 3, 4, 4, 4]) / 6
var = max(0.25, (1 + 1 + 0 + 0) / 6)
sd_g = math.sqrt(sum((x - g) ** 2 for x in [2, 4, 3, 4, 4, 4]) / 6)
pairs = [(3, 3, math.sqrt(var)), (2, 4, math.sqrt(var)), (5, 3, math.sqrt(var)), (3.5, g, sd_g)]
rmse = math.sqrt(sum((r - p) ** 2 for r, p, _ in pairs) / 4)
mae = sum(abs(r - p) for r, p, _ in pairs) / 4
ll = sum(-0.5 * math.log(2 * math.pi * s * s) - (r - p) ** 2 / (2 * s * s) for r, p, s in pairs) / 4
known = math.sqrt((0 + 4) / 2)
close = lambda a, b: abs(a - b) < 1e-12
print(close(e["rmse"], rmse), close(e["mae"], mae), close(e["log_likelihood_per_rating"], ll))
print(close(e["rmse_known"], known), e["n"], e["n_known"], e["n_unknown_user"], e["n_unknown_item"])
print(e["coverage"], list(e["baselines"]))
print(close(e["baselines"]["global_mean"], math.sqrt(sum((r - g) ** 2 for r, _, _ in pairs) / 4)))
END
