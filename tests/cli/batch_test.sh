# Many queries at once: TREC runs, JSON Lines, text; from a file or standard input.
. "$LEDE_SOURCE/tests/cli/support.sh"
make_lines lines.jsonl
"$LEDE" index -q -i i.lede --passages whole lines.jsonl || exit 1

printf 'q1\tlavrov simla\nq2\telephants\n\nq 3\twheat\nsimla town\n' >queries.tsv
run search -i i.lede --queries queries.tsv --format trec --tag mine
is "a run" 0
says "lede: warning: white space in ids is written as '_', so that the run keeps its columns"
awk 'NF != 6 || $2 != "Q0" || $6 != "mine" { exit 1 }' .out || fault "not the columns of a run"
same "$(awk '{ print $1, $3, $4 }' .out | tr '\n' ';')" "q1 a 1;q1 b 2;q1 c 3;q_3 d_d 1;5 b 1;5 a 2;"
awk '$1 == last && $5 > score { exit 1 } { last = $1; score = $5 }' .out || fault "the scores go up"

# Scores are exact: as JSON has them.
trec=$(awk '$1 == "q1" { print $5 }' .out)
run search -i i.lede --rank bm25 --json lavrov simla
json=$(grep -oE '"score":[0-9.e+-]+' .out | cut -d: -f2)
paste <(printf '%s\n' "$trec") <(printf '%s\n' "$json") | awk '$1 != $2 { exit 1 }' || fault "$trec is not $json"

run search -i i.lede --queries queries.tsv --json -n 1
is "JSON Lines" 0
same "$(wc -l <.out)" 4
same "$(grep -oE '"qid":"[^"]*"' .out | tr '\n' ' ')" '"qid":"q1" "qid":"q2" "qid":"q 3" "qid":"5" '
if command -v python3 >/dev/null; then
    python3 -c 'import json, sys
for line in sys.stdin:
    assert json.loads(line)["version"] == 1' <.out || fault "not JSON"
fi

run search -i i.lede --queries queries.tsv -n 1
is "text" 0
shows "q1: lavrov simla"
shows "q2: elephants"

step="from standard input"
out=$(printf '\xef\xbb\xbfq9\tsimla\r\nq10\twheat' | "$LEDE" search -i i.lede --queries - --format trec 2>.err)
status=$? err=$(cat .err)
is "standard input" 0
same "$(cut -d' ' -f1,3 <<<"$out" | tr '\n' ';')" "q9 a;q9 b;q10 d_d;"

printf 'elephants\n' >queries.tsv
run search -i i.lede --queries queries.tsv --format trec
is "nothing found by any" 1
same "$out" ""

# Words are found with memory for them and without.
for i in {1..5000}; do printf 'k%d\train%.*s\n' "$i" $((i % 7 * 2)) " x x x x x x"; done >rain.tsv
"$LEDE" index -q -i rain.lede rain.tsv || exit 1
for i in {1..5}; do echo "rain"; done >queries.tsv
for size in 0 1K 1G; do
    run search -i rain.lede --queries queries.tsv --format trec -n 20 --threads 1 --cache $size
    is "with $size" 0
    cmp .out <("$LEDE" search -i rain.lede --queries queries.tsv --format trec -n 20) || fault "other hits with $size"
done
run search -i rain.lede --queries queries.tsv --cache much
is "no size" 2
mentions "--cache"

# A query that can't be read is told with its place; the others are answered, and the status is 2.
{ printf 'q1\tsimla\nq2\t'; printf 'word%s ' {1..1100}; printf '\nq3\twheat\n'; } >queries.tsv
run search -i i.lede --queries queries.tsv --format trec --strict
is "one of them too long" 2
mentions "queries.tsv:2: "
same "$(awk '{ print $1 }' .out | uniq | tr '\n' ' ')" "q1 q3 "

# What was guessed is told with the query that it is about.
printf 'q1\t"simla\nq2\twheta\n' >queries.tsv
run search -i i.lede --queries queries.tsv --format trec
says "lede: note: q1: unbalanced quote: read as =simla"
run search -i i.lede --queries queries.tsv
mentions "lede: note: q2: did you mean: wheat"

# Only the best passage of an article stands in a run.
mkdir long
for i in {1..60}; do
    printf 'Paragraph %s tells of wheat, and of the many words that it takes to fill a passage of some length here.\n\n' "$i"
done >long/story.txt
"$LEDE" index -q -i long.lede long || exit 1
run search -i long.lede --format trec wheat
same "$(wc -l <.out)" 1
run search -i long.lede --group article wheat
shows "  1  "
hides "  2  "
run search -i long.lede wheat
shows "  2  "

run search -i i.lede --queries nowhere.tsv
errs "nowhere.tsv: the queries cannot be read: No such file or directory"
run search -i i.lede --queries queries.tsv wheat
errs "exclude each other"
for tag in "" "my run" $'my\trun'; do
    run search -i i.lede --queries queries.tsv --format trec --tag "$tag"
    errs "--tag needs a word without white space, not '"
done
# What a query holds is not obeyed by the terminal that shows it.
printf 'q\x1b1\tlavrov \x1b[31m\xe2\x80\xae\n' >harm.tsv
run search -i i.lede --queries harm.tsv
shows "lavrov"
hides $'\x1b'
hides $'\xe2\x80\xae'
finish
