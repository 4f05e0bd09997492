# Judged collections in Xapian: nDCG@10 is within 0.01 of that of a folder of segments. Of each collection the first 400
# queries are run.
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
    jq -r '[._id, (.text | gsub("[\"«»“-‟\\s]+|(^|\\s)[-+]+"; " "))] | join("\t")' "$1/queries.jsonl" | awk 'NR <= 400'
}

# The collection's nDCG@10 in the index.
measure() {
    "$LEDE" index -q -i "$2" --language "$(language_of "$1")" --passages whole "$1/corpus.jsonl"
    "$LEDE" search -i "$2" --queries queries.tsv --format trec -n 10 >run 2>/dev/null || [ $? = 1 ]
    "$LEDE_BUILD/lede-eval" -m ndcg@10 qrels.tsv run | awk '$1 == "ndcg@10" { print $3 }'
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
    awk -v a="$segments" -v b="$xapian" 'BEGIN { d = a - b; exit !(a > 0 && d < 0.01 && d > -0.01) }' ||
        { echo "FAULT: $name: too far apart"; faults=$((faults + 1)); }
done
[ "$faults" = 0 ]
