# support.sh - what the shell tests of the command share: a few articles, and checks that tell what was seen instead.
#
#     run search -i i.lede lavrov
#     is "a hit" 0
#     shows "Talks in Moscow"
#     finish
set -u
faults=0
step=

# Runs lede without input; then $status, $out and $err tell what came of it.
run() {
    step="lede $*"
    "$LEDE" "$@" >.out 2>.err </dev/null
    status=$?
    out=$(tr -d '\0' <.out)
    err=$(cat .err)
}

fault() {
    printf 'FAULT: %s\n  after: %s\n  status: %s\n  out: %s\n  err: %s\n' "$1" "$step" "$status" "$out" "$err"
    faults=$((faults + 1))
}

# is WHAT STATUS: what the last run should have ended with.
is() {
    [ "$status" = "$2" ] || fault "$1: exit status $status, not $2"
}

shows() {
    [[ $out == *"$1"* ]] || fault "the output lacks '$1'"
}

hides() {
    [[ $out != *"$1"* ]] || fault "the output has '$1'"
}

# The whole of standard error.
says() {
    [ "$err" = "$1" ] || fault "the message is not '$1'"
}

mentions() {
    [[ $err == *"$1"* ]] || fault "the message lacks '$1'"
}

# An error as all should be: status 2, nothing on standard output, one line that starts with "lede: " and names $1.
errs() {
    [ "$status" = 2 ] || fault "an error exits with 2, not $status"
    [ -z "$out" ] || fault "an error prints nothing to standard output"
    [[ $err == "lede: "* && $err != *$'\n'* ]] || fault "an error is one line"
    mentions "$1"
}

same() {
    [ "$1" = "$2" ] || fault "'$1' is not '$2'"
}

# Every member of the JSON that was printed is told of in the documentation.
documented() {
    local member
    for member in $(grep -oE '"[a-z0-9_]+":' .out | tr -d '":' | sort -u); do
        grep -qE "[\`\"]$member[\`\"]" "$LEDE_SOURCE/docs/JSON.md" || fault "docs/JSON.md does not tell of $member"
    done
}

finish() {
    [ "$faults" = 0 ] || exit 1
    exit 0
}

make_articles() {
    mkdir -p "$1"
    cat >"$1/talks.txt" <<'TEXT'
Talks in Moscow on the Simla Accord

MOSCOW: Ministers were negotiating late on Friday. Sergei Lavrov urged both sides to return to the Simla Accord of 1972 and to stop the shelling along the Line of Control, the ministry said in a statement that was read out to reporters after the meeting had come to its end.

The envoys left without an answer. One of them said that the café across the street had been a better place to talk than the hall, where every chair was taken by an interpreter and every table by a flag.
TEXT
    cat >"$1/envoy.txt" <<'TEXT'
Envoy meets Lavrov

The envoy met Lavrov for an hour. They spoke of steel mills, of wheat, and of the long winter; nothing was signed, and the delegation flew home in the evening with a box of chocolates and a letter that nobody had opened.
TEXT
    cat >"$1/rivers.txt" <<'TEXT'
Six rivers and a treaty

The Indus treaty of 1960 gave three rivers to each of the neighbours. Farmers along the canals have lived by it through three wars, and most of them have never read a word of it, though everyone can tell the day on which the water comes.
TEXT
}

# One with a heading of some length over its second passage.
make_headed() {
    cat >"$1" <<'TEXT'
A bridge and its builders

The bridge was begun in 1902 and opened in 1911, and half of the town came to see the first train go over it, very slowly, with a brass band on the second carriage and the mayor, who had always been against it, on the first.

What the builders found under the river bed

Under the river bed there was a second bed, of gravel, and under the gravel a wooden boat with nails of copper, which the builders took to the school, where it was drawn by every child and then fell to dust within the year.
TEXT
}

# Four short articles that are ranked whole, so that every score follows from the formula in lede.h.
make_lines() {
    cat >"$1" <<'TEXT'
{"_id": "a", "title": "Lavrov in Simla", "text": "Lavrov spoke in Simla.", "date": "2025-06-03"}
{"_id": "b", "title": "", "text": "Simla is a town in the hills; the accord of Simla is from 1972."}
{"_id": "c", "title": "Résumé", "text": "Der Außenminister Lawrow und die 外務大臣 — \"Lavrov\" \\ tab:\there."}
{"_id": "d d", "title": "Wheat", "text": "Nothing of the kind.\nA second line with wheat."}
TEXT
}
