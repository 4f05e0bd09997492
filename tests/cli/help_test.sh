# What a newcomer sees: help, version, suggestions.
. "$LEDE_SOURCE/tests/cli/support.sh"

fits() {
    [ "$(wc -l <.out)" -le 40 ] || fault "longer than 40 lines"
    awk 'length > 88 { exit 1 }' .out || fault "wider than 88 columns"
}

run --help
is "help" 0
fits
shows "Usage: lede"
for command in index search prompt stats check optimize delete shard; do
    shows "  $command "
done
whole=$out
run help
same "$out" "$whole"
run -h
same "$out" "$whole"

for command in index search prompt stats check optimize delete shard; do
    run "$command" --help
    is "help of $command" 0
    fits
    shows "lede"
    shows "Example"
    shows "Exit status: "
    text=$out
    run help "$command"
    same "$out" "$text"
    # The manual page has every option that the help has.
    for option in $(grep -oE -- '(^|[ ,])--[a-z0-9-]+' <<<"$text" | tr -d ' ,' | sort -u); do
        grep -qE -- "Fl -${option#--}( |$)" "$LEDE_SOURCE/docs/man/lede-$command.1" ||
            fault "docs/man/lede-$command.1 lacks $option"
    done
done

run --version
is "version" 0
[[ $out =~ ^lede\ [0-9]+\.[0-9]+\.[0-9]+$ ]] || fault "the version is odd"

run serach Lavrov
errs "unknown command 'serach'; did you mean 'lede search'?"
run Lavrov
errs "unknown command 'Lavrov'; 'lede help' lists them, 'lede search' searches"
run help serach
errs "did you mean 'lede search'?"
run search --limt 3 x
errs "unknown option '--limt'; did you mean --limit?"
run search -delhi lavrov
errs "put -- before words that begin with '-'"
run search
errs "no query"
run index
errs "nothing to index"
run delete
errs "no key"
run stats now
errs "stats: takes no 'now'"
run --color purple stats
errs "--color cannot be 'purple': it is one of auto, always, never"

if command -v mandoc >/dev/null; then
    lint=$(mandoc -Tlint -Wwarning "$LEDE_SOURCE"/docs/man/*.1 2>&1)
    same "$lint" ""
fi
finish
