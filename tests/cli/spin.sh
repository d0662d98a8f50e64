# The program runs itself with a short spin unless the environment says how threads wait: what holds
# for it while it reads a pipe.
doctor() { "$MIXFILL" doctor | grep -q "^$1"; }
if doctor "compiler *gcc" && doctor "OpenMP *yes"; then
    own="GOMP_SPINCOUNT=1000 MIXFILL_SPINCOUNT=1000" by_itself="GOMP_SPINCOUNT=1000, set by mixfill"
else # nothing to set for another OpenMP
    own="" by_itself="as the OpenMP library does by itself"
fi
mkfifo pipe
# start COMMAND...: begin to read the pipe and wait until that is so
start() {
    "$@" >result 2>&1 &
    exec 3>pipe
}
variables() { tr '\0' '\n' </proc/$!/environ | grep -E 'SPIN|WAIT' | sort | paste -sd' '; }
finish() {
    echo "a,b,3" >&3
    exec 3>&-
    wait $!
    grep '^ratings  ' result
}

start "$MIXFILL" info pipe
[ "$(variables)" = "$own" ] && echo "its own"
[ "$(cat /proc/$!/comm)" = "$(basename "$MIXFILL")" ] && echo "the same name"
tr '\0' ' ' </proc/$!/cmdline
finish
for setting in OMP_WAIT_POLICY=active OMP_WAIT_POLICY=passive GOMP_SPINCOUNT=77 GOMP_SPINCOUNT=1000; do
    start env $setting "$MIXFILL" info pipe
    variables
    finish
    env $setting "$MIXFILL" doctor | grep ^waiting
done

# another argv[0], no standard input, an ignored signal
start bash -c 'trap "" HUP; exec -a other "$MIXFILL" info pipe <&-'
tr '\0' ' ' </proc/$!/cmdline
kill -HUP $! && finish

# doctor says it; under the dynamic linker, whose file /proc/self/exe then is, nothing is run anew
"$MIXFILL" doctor | grep ^waiting | sed "s/$by_itself/by itself/"
linker=$(ldd "$MIXFILL" | grep -o '/[^ ]*/ld-[^ ]*')
"$linker" "$MIXFILL" doctor | grep ^waiting
python3 - "$MIXFILL" <<'END'
import json, subprocess, sys
print(sorted(json.loads(subprocess.check_output([sys.argv[1], "doctor", "--json"]))["waiting"]))
END
