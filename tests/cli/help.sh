# Help and version on standard output, exit status 0.
"$MIXFILL" --version | sed 's/[0-9.]*$/VERSION/'
"$MIXFILL" help
commands=$("$MIXFILL" help | sed -n '/^Commands:$/,/^$/s/^  \([a-z]*\) .*/\1/p')
for command in $commands; do
    "$MIXFILL" help $command | head -n 1
    "$MIXFILL" $command --help >help || echo "exit $?"
    "$MIXFILL" $command '-?' | cmp - help
    "$MIXFILL" $command --usage >usage || echo "exit $?"
    # Options by their headings, in the order of use; every one has its text.
    awk '
        function judge() { if (option != "" && text == "") printf " WITHOUT TEXT"; option = "" }
        /^[A-Z][A-Za-z -]*:$/ { printf "%s", $0; inside = 1; next }
        NF == 0 { judge(); if (inside) print ""; inside = 0 }
        inside && /^  (    )?-/ {
            judge(); sub(/^ *(-., )?/, ""); option = $1; text = $2; printf " %s", option; next }
        { text = text $0 }
        END { judge(); if (inside) print "" }' help
    # One of each that --usage has, and no other.
    grep -o -e '^  \(-., \|    \)--[a-z-]*' help | grep -o -e '--[a-z-]*' | sort >shown
    grep -o -e '\[--[a-z-]*' usage | tr -d '[' | sort -u | diff - shown
done

echo "-- values without a default"
for command in $commands; do
    "$MIXFILL" $command --help | awk -v command="$command" '
        function judge() { if (option ~ /=/ && text !~ /default/) print command, option }
        /^  (    )?-/ { judge(); sub(/^ *(-., )?/, ""); option = $1; text = "" }
        { text = text $0 }
        END { judge() }'
done

echo "-- beside other options"
"$MIXFILL" fit --help --no-such-option | head -n 1
"$MIXFILL" fit --json -o --help x y z 2>&1 | head -n 1
"$MIXFILL" fit --model= --help 2>&1 | head -n 1
"$MIXFILL" fit --help >/dev/full
echo "exit $?"
