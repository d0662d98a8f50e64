# A fit that is interrupted writes nothing and exits with 128 + the signal; so does a closed pipe.
python3 - <<'END'
import os, signal, subprocess

fit = [os.environ["MIXFILL"], "fit", os.environ["DATA"] + "/sample.csv", "-k", "64", "--tol", "0",
       "--max-iter", "100000000", "--progress", "always"]


def restore():  # jobs of a script may have been started with SIGINT ignored
    signal.signal(signal.SIGINT, signal.SIG_DFL)


for name in ("SIGINT", "SIGTERM", "SIGHUP"):
    os.mkdir(name)
    with subprocess.Popen(fit + ["-o", name + "/m.npz"], stdout=subprocess.DEVNULL,
                          stderr=subprocess.PIPE, preexec_fn=restore) as p:
        while b"iteration" not in p.stderr.readline():
            pass
        p.send_signal(getattr(signal, name))
        p.stderr.read()
    print(name, p.returncode, os.listdir(name))
END
mkdir pipe
"$MIXFILL" generate --shape ml-1m -o - 2>/dev/null | head -n 1
echo "pipe: ${PIPESTATUS[0]}"
