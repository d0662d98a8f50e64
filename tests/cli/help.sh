# Help and version on standard output, exit status 0.
"$MIXFILL" --version | sed 's/[0-9.]*$/VERSION/'
"$MIXFILL" help
for command in fit complete predict evaluate info generate convert split check doctor; do
    "$MIXFILL" help $command | head -n 1
    "$MIXFILL" $command --help >/dev/null
done
"$MIXFILL" fit --help | grep -c -e '--min-support' -e '--duplicates'
