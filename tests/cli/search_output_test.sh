# What a search prints: text as it is read, as JSON, as a TREC run; exit statuses; colours.
. "$LEDE_SOURCE/tests/cli/support.sh"
golden=$LEDE_SOURCE/tests/cli/golden
here=$PWD
make_lines lines.jsonl
"$LEDE" index -q -i i.lede --passages whole lines.jsonl || exit 1

# Compares with a golden file, where the folder is FOLDER and the time is SECONDS.
# To write them anew: LEDE_GOLDEN=write.
matches_golden() {
    local seen
    seen=$(sed -E "s#$here#FOLDER#g; s/\"seconds\":[0-9.e-]+/\"seconds\":SECONDS/" <<<"$out")
    [ "${LEDE_GOLDEN:-}" = write ] && printf '%s\n' "$seen" >"$golden/$1"
    diff -u "$golden/$1" - <<<"$seen" || fault "not as in golden/$1"
}

run search -i i.lede lavrov simla
is "found" 0
says ""
matches_golden search.txt
run search -i i.lede --json lavrov simla
is "found" 0
matches_golden search.json
documented
run search -i i.lede --color=always lavrov simla
matches_golden search-color.txt
run search -i i.lede --format trec lavrov simla
matches_golden search.trec

# What a score is made of adds up to it, in text as in JSON.
run search -i i.lede --explain lavrov simla
is "explained" 0
matches_golden explain.txt
run search -i i.lede --explain --json lavrov simla '"accord of"'
is "explained" 0
documented
matches_golden explain.json
jq -e 'def sum: if .parts then reduce .parts[] as $p (0; . + ($p | sum)) elif .weight then .weight * (.frequency / (.frequency + .norm)) else .value end;
    .hits | length > 0 and all(.score == .explanation.value and .score == (.explanation | sum))' .out >/dev/null ||
    fault "the parts do not add up"

# The second stage can be left out; a run for trec_eval has it only where it is asked for.
run search -i i.lede --rank bm25 --json lavrov
same "$(jq .hits[0].score .out)" 1.0516715842978481
run search -i i.lede --rank full --json lavrov
same "$(jq '.hits[0].score * 1000 | round' .out)" 1262
run search -i i.lede --format trec lavrov
shows " 1 1.0516715842978481 lede"
run search -i i.lede --format trec --rank full lavrov
hides " 1 1.0516715842978481 lede"

# What was found when the time was over is right as far as it goes, and said to be no more.
run search -i i.lede --within 0.000001 'simla*'
mentions "warning: the time was over before all was looked at: better hits may be missing"
run search -i i.lede --within 0.000001 --json 'simla*'
documented
same "$(jq -c '[.exact, .complete]' .out)" '[false,false]'
says ""
run search -i i.lede --within 60000 --json 'simla*'
same "$(jq -c '[.exact, has("complete")]' .out)" '[true,false]'

# Unknown words.
run search -i i.lede Lavrow Simlo
is "suggested" 1
mentions "note: did you mean: Lavrov Simla"
run search -i i.lede --json Simlo
is "nothing found" 1
same "$(jq -r .suggestion .out)" Simla
run search -i i.lede -q Simlo
says ""

# Copies are put together.
cat >copies.jsonl <<'TEXT'
{"_id": "x", "text": "Ministers met in Simla on Monday to talk about water and wheat and the line of control."}
{"_id": "y", "text": "Ministers met in Simla on Monday, to talk about water and wheat and the line of control!"}
{"_id": "z", "text": "A wheat market in the hills."}
TEXT
"$LEDE" index -q -i c.lede copies.jsonl || exit 1
run search -i c.lede simla wheat
matches_golden copies.txt
run search -i c.lede --json simla wheat
documented
matches_golden copies.json
same "$(jq -c '[.total, [.hits[] | [.key, .copies]]]' .out)" '[3,[["x",["y"]],["z",[]]]]'
run search -i c.lede --json --all-copies simla wheat
same "$(jq -c '[.hits[].key]' .out)" '["x","y","z"]'

# Articles with their best passages, and what stands around a hit.
mkdir articles
make_headed articles/bridge.txt
"$LEDE" index -q -i h.lede articles || exit 1
run search -i h.lede --passages 2 bridge river
is "two passages" 0
matches_golden passages.txt
run search -i h.lede -C 1 copper
matches_golden context.txt
run search -i h.lede --json -C 1 --passages 3 bridge river
documented
matches_golden passages.json
same "$(jq -c '.hits[] | [.passage, [.before[].passage], [.after[].passage], [.more[].passage]]' .out)" '[2,[1],[],[1]]'

run search -i i.lede elephants
is "nothing found" 1
same "$out" ""
says ""
run search -i i.lede --json elephants
is "nothing found" 1
shows '"total":0'
shows '"hits":[]'
run search -i i.lede -q lavrov
is "found, quietly" 0
same "$out" ""

# Words, signs, phrases.
run search -i i.lede lavrov -simla
is "exclusion" 0
shows "Résumé"
hides "Lavrov in Simla"
run search -i i.lede -- -simla lavrov
hides "Lavrov in Simla"
run search -i i.lede +town lavrov
shows "a town in the hills"
hides "Résumé"
run search -i i.lede '"accord of simla"'
shows "a town in the hills"
hides "Lavrov in Simla"
run search -i i.lede --and lavrov simla
hides "Résumé"
shows "Lavrov in Simla"
run search -i i.lede '"lavrov spoke'
is "unbalanced, but clear" 0
mentions "lede: note: "
mentions "unbalanced"
run search -i i.lede --strict '"lavrov spoke'
errs "quote"
run search -i i.lede lavrov -n 1
mentions "note: '-n' is read as a word of the query; as an option it goes before the query"
run search -i i.lede lavrov --limit 1 simla --count
shows "  1  Lavrov in Simla"
hides "  2  "
shows "passages match"
run search -i i.lede -- lavrov --limit
is "words behind --" 0
run search -i i.lede --strict lavrov -- --limit simla
is "words behind -- among them" 0
[ -z "$err" ] || fault "what is behind -- is remarked on: $err"
run search -i i.lede lavrov --limit
errs "--limit needs a value"
run search -i i.lede -- ''
is "no words" 1

# How many, from where.
run search -i i.lede -n 1 lavrov simla
shows "  1  Lavrov in Simla"
hides "  2  "
run search -i i.lede --offset 1 lavrov simla
shows "  2  "
hides "  1  "

# None: how many match is counted, whatever else is asked for.
run search -i i.lede -n 0 lavrov
is "counted alone" 0
shows " match, "
shows " ms"
hides "Lavrov in Simla"
run search -i i.lede -n 0 --group article --explain -C 1 --facets year lavrov
is "articles counted alone" 0
shows "articles match, "
hides "Lavrov in Simla"
run search -i i.lede -n 0 --json lavrov
is "counted alone, as JSON" 0
shows '"exact":true'
shows '"hits":[]'
run search -i i.lede -n 0 xyzzy
is "nothing to be counted" 1
shows "0 passages match, "
run search -i i.lede -n 0 --format trec lavrov
errs "--limit needs a number of 1 or more with --format trec"
# What a run has no place for, and what would have its scores rise, is not left out in silence.
for option in --json --explain '--facets year' --count '-C 1' '--passages 2'; do
    run search -i i.lede --format trec $option lavrov
    name=${option%% *}
    errs "search: --format trec has a line for each hit and nothing else; leave out ${name/-C/--context}"
done
run --json search -i i.lede --format trec lavrov
errs "leave out --json"
run search -i i.lede --json --format text lavrov
errs "search: --json and --format text exclude each other"
run search -i i.lede --json --format json lavrov
is "json twice" 0
for order in date oldest; do
    run search -i i.lede --format trec --sort $order lavrov
    errs "search: --format trec is in the order of the scores; leave out --sort $order"
done
run search -i i.lede --format trec --sort score --all-copies --lines 3 --passages 1 lavrov
is "what changes nothing" 0
run search -i i.lede --k1 0 --b 0 simla
is "no length, no frequency" 0

# Counted besides: told into a pipe, too, where it is not otherwise.
run search -i i.lede -n 1 lavrov
hides " match, "
run search -i i.lede -n 1 --count lavrov
is "counted besides" 0
shows "Lavrov"
shows " match, "

# The index: by option, by variable, by the folder.
run search --index=i.lede lavrov
is "by option" 0
LEDE_INDEX=i.lede run search lavrov
is "by variable" 0
LEDE_INDEX=nowhere run search -i i.lede lavrov
is "the option goes before the variable" 0
run -i i.lede search lavrov
is "before the command" 0
mkdir -p deep/deeper
cp -r i.lede .lede
cd deep/deeper || exit 1
run search lavrov
is "from a folder above" 0
cd ../..
run search lavrov
shows "  lines.jsonl:1"
hides "$here"

# Colours: not in pipes, not with NO_COLOR, but when asked for.
escape=$'\033'
run search lavrov
hides "$escape"
run search --color=always lavrov
shows "$escape[0;1;31mLavrov$escape[0m"
NO_COLOR=1 run search --color=always lavrov
shows "$escape[0;1;31mLavrov"
run search --color=never lavrov
hides "$escape"

# Nothing gets lost silently.
step="to a full disk"
"$LEDE" search -i i.lede lavrov >/dev/full 2>.err
status=$? out= err=$(cat .err)
errs "standard output could not be written: No space left on device"
step="to a closed pipe"
exec 8> >(exec true)
wait $!
"$LEDE" search -i i.lede lavrov >&8 2>.err
status=$? out= err=$(cat .err)
exec 8>&-
is "killed, as others are" 141
says ""
finish
