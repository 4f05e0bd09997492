# similar, terms, timeline; facets and the order by date of search.
. "$LEDE_SOURCE/tests/cli/support.sh"
golden=$LEDE_SOURCE/tests/cli/golden
here=$PWD

# As in search_output_test.sh. To write them anew: LEDE_GOLDEN=write.
matches_golden() {
    local seen
    seen=$(sed -E "s#$here#FOLDER#g; s/\"seconds\":[0-9.e-]+/\"seconds\":SECONDS/" <<<"$out")
    [ "${LEDE_GOLDEN:-}" = write ] && printf '%s\n' "$seen" >"$golden/$1"
    diff -u "$golden/$1" - <<<"$seen" || fault "not as in golden/$1"
}

cat >news.jsonl <<'TEXT'
{"_id": "a", "text": "Treaty signed in Simla by the ministers.", "date": "2025-01-03", "byline": "Ana"}
{"_id": "b", "text": "The treaty of Simla: what ministers say.", "date": "2025-04-30", "byline": "Ben"}
{"_id": "c", "text": "Nobody reads the treaty, ministers say in Simla.", "date": "2025-04-02", "byline": "Ana"}
{"_id": "d", "text": "The treaty and the wheat.", "byline": "Ana"}
{"_id": "e", "text": "Wheat is dear this year.", "date": "2024-11-11"}
{"_id": "f", "text": "Rain over the hills.", "date": "2024-11-12"}
TEXT
"$LEDE" index -q -i n.lede --passages whole news.jsonl || exit 1

run timeline -i n.lede --by month treaty
is "a timeline" 0
matches_golden timeline.txt
run timeline -i n.lede --json --by month treaty
documented
matches_golden timeline.json
same "$(jq '[.bins[].passages, .undated.passages] | add' .out)" 4
run timeline -i n.lede treaty
shows "2025-02"
hides "2025-02-01"
run timeline -i n.lede --by day wheat
shows "2024-11-11"
run timeline -i n.lede elephants
is "nothing" 1
run timeline -i n.lede
errs "timeline: no query"
run timeline -i n.lede --by week wheat
errs "--by cannot be 'week'"

run terms -i n.lede -n 3 simla
is "terms" 0
matches_golden terms.txt
run terms -i n.lede --json -n 3 simla
documented
matches_golden terms.json
run terms -i n.lede elephants
is "nothing" 1

run similar -i n.lede a
is "similar" 0
hides "  1  a"
matches_golden similar.txt
run similar -i n.lede --json -n 1 a
documented
matches_golden similar.json
same "$(jq -r '.hits[].key' .out)" c
run similar -i n.lede none
errs "no article with the key none"
run similar -i n.lede
errs "similar: needs one article"
make_articles articles
"$LEDE" index -q -i f.lede articles || exit 1
run similar -i f.lede articles/talks.txt
is "by its path" 0
shows "Envoy meets Lavrov"

run parse -i n.lede 'date:2025-04-22..2025-05-10 date:2025-05.. date:..2024 +simla "two ministers"^2'
is "what a query is read as" 0
matches_golden parse.txt
run parse -i n.lede --json 'date:2025-05.. date:..2024'
documented
matches_golden parse.json
same "$(jq -c '[.. | objects | select(.kind == "date").text]' .out)" '["2025-05..","..2024"]'
run parse -i n.lede 'date:2025-05-10..2025-04-01'
is "dates the wrong way round" 0
shows "note: dates from later to earlier: read as date:2025-04..2025-05-10"
says ""
run parse -i n.lede --strict 'date:2025-05-10..2025-04-01'
errs "dates from later to earlier at byte 6"

run search -i n.lede --facets year,byline,source treaty
matches_golden facets.txt
run search -i n.lede --facets month --json treaty
documented
matches_golden facets.json
same "$(jq -c '.facets.month' .out)" \
    '[{"value":"2025-04","passages":2,"articles":2},{"value":null,"passages":1,"articles":1},{"value":"2025-01","passages":1,"articles":1}]'
run search -i n.lede --facets year,moon treaty
errs "--facets has no 'moon'"
run search -i n.lede --sort date --json treaty
same "$(jq -c '[.hits[].key]' .out)" '["b","c","a","d"]'
run search -i n.lede --sort oldest --json treaty
same "$(jq -c '[.hits[].key]' .out)" '["a","c","b","d"]'
run search -i n.lede --recent 30 --json treaty
same "$(jq -r '.hits[0].key' .out)" b
finish
