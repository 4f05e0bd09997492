# What a newcomer sees: help, version, suggestions.
. "$LEDE_SOURCE/tests/cli/support.sh"

fits() {
    [ "$(wc -l <.out)" -le 24 ] || fault "longer than 24 lines"
    awk 'length > 80 { exit 1 }' .out || fault "wider than 80 columns"
}

run --list-commands
is "the commands" 0
commands=$(cut -f1 <<<"$out")
run --help
is "help" 0
fits
shows "Usage: lede"
for command in $commands; do
    shows "  $command "
done
whole=$out
run help
same "$out" "$whole"
run -h
same "$out" "$whole"

# Help, manual page and table of options tell of the same.
for command in $commands; do
    [ "$command" = help ] && continue
    manual=$LEDE_SOURCE/docs/man/lede-$command.1
    run "$command" --help
    is "help of $command" 0
    fits
    shows "lede"
    shows "Example"
    shows "Exit status: "
    text=$out
    run help "$command"
    same "$out" "$text"
    grep -q "Xr lede-$command 1" "$LEDE_SOURCE/docs/man/lede.1" || fault "docs/man/lede.1 lacks lede-$command"
    run "$command" --list-options
    is "options of $command" 0
    options=$(cut -f1 <<<"$out")
    for option in $options; do
        grep -qE -- "(^|[ ,])$option( |,|$)" <<<"$text" || fault "the help of $command lacks $option"
        grep -qE -- "Fl -${option#--}( |$)" "$manual" || fault "$manual lacks $option"
    done
    for option in $(grep -oE -- '(^|[ ,])--[a-z0-9-]+' <<<"$text" | tr -d ' ,' | sort -u); do
        [ "$option" = --help ] && continue
        grep -qxF -- "$option" <<<"$options" || fault "the help of $command has $option, which it does not know"
    done
    for option in $(grep -E '^\.It .*Fl -' "$manual" | grep -oE -- 'Fl -[a-z0-9-]+' | sed 's/Fl -/--/'); do
        [ "$option" = --help ] && continue
        grep -qxF -- "$option" <<<"$options" || fault "$manual has $option, which lede $command does not know"
    done
done

# What is taken of a record is in the manual page.
step="fields of records"
names=$(sed -n '/_names\[\] = {/,/};/p' "$LEDE_SOURCE/indexer/formats/jsonl.c" | grep -o '"[A-Za-z_]*"' | tr -d '"')
[ "$(wc -w <<<"$names")" -gt 20 ] || fault "indexer/formats/jsonl.c has other tables"
for name in $names; do
    grep -qE "D?q $name( |$)" "$LEDE_SOURCE/docs/man/lede-index.1" || fault "lede-index(1) lacks the field $name"
done

# Every manual page leads to the others.
step="manual pages"
for page in "$LEDE_SOURCE"/docs/man/lede-*; do
    name=${page##*/}
    sed -n '/^.Sh SEE ALSO/,$p' "$LEDE_SOURCE/docs/man/lede.1" | grep -q "Xr ${name%.*} ${name##*.}" ||
        fault "docs/man/lede.1 lacks $name"
done

# Completions in bash, which ask the command.
complete_words() {
    PATH=$(dirname "$LEDE"):$PATH bash -c '. "$1/cli/completions/lede.bash"; shift
        COMP_WORDS=("$@") COMP_CWORD=$(($# - 1)); _lede; printf "%s\n" "${COMPREPLY[@]}"' - "$LEDE_SOURCE" "$@" | sort |
        tr '\n' ' '
}
step="completions"
same "$(complete_words lede sea)" "search "
same "$(complete_words lede search --expl)" "--explain "
same "$(complete_words lede -i x search --group '')" "article none "
same "$(complete_words lede search --color = al)" "always "
same "$(complete_words lede help ti)" "timeline "
same "$(complete_words lede search --limit '')" " "
touch a.txt
same "$(complete_words lede index a.t)" "a.txt "

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
