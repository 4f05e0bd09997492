# Judged collections in Xapian: nDCG@10 is within 0.01 of that of a folder of segments, by BM25 and with the second stage.
# Of each collection the first 200 queries are run.
set -euo pipefail
skip() {
    echo "skipped: $*"
    exit 77
}
collections=$LEDE_SHARED/data/ir
[ -d "$collections" ] || skip "no collections at $collections"
[ -e "$LEDE_BUILD/lede-xapian.so" ] || skip "built without libxapian"
command -v jq >/dev/null || skip "no jq here"

language_of() {
    case "$1" in *-ar) echo arabic ;; *-ru) echo russian ;; *) echo english ;; esac
}

# As scripts/evaluate has it.
queries_of() {
    jq -r '[._id, (.text | gsub("[\"«»“-‟\\s]+|(^|\\s)[-+]+"; " "))] | join("\t")' "$1/queries.jsonl" | awk 'NR <= 200'
}

# The collection's nDCG@10 in the index, by each way to rank.
measure() {
    "$LEDE" index -q -i "$2" --language "$(language_of "$1")" --passages whole "$1/corpus.jsonl"
    for rank in bm25 full; do
        "$LEDE" search -i "$2" --queries queries.tsv --rank $rank --format trec -n 10 >run 2>said || [ $? = 1 ] || cat said >&2
        "$LEDE_BUILD/lede-eval" -m ndcg@10 qrels.tsv run | awk -v ORS=' ' '$1 == "ndcg@10" { print $3 }'
    done
}

faults=0
for folder in "$collections"/*/; do
    folder=${folder%/}
    name=${folder##*/}
    queries_of "$folder" >queries.tsv
    # The judgments of the queries that are run.
    awk 'NR == FNR { asked[$1] = 1; next } $1 in asked || FNR == 1' FS='\t' queries.tsv "$folder/qrels.tsv" >qrels.tsv
    segments=$(measure "$folder" "$name.lede")
    xapian=$(measure "$folder" "xapian:$name.x")
    echo "$name: segments $segments, xapian $xapian"
    echo "$segments $xapian" | awk '{ exit !(NF == 4 && near($1, $3) && near($2, $4)) }
        function near(a, b) { return a > 0 && a - b < 0.01 && b - a < 0.01 }' ||
        { echo "FAULT: $name: too far apart"; faults=$((faults + 1)); }
done
[ "$faults" = 0 ]
