# How many threads made an index changes no hit and no score, only the order of passages in it and so of ties; the same
# number of threads gives the same index.
set -eu
awk 'BEGIN {
    srand(7)
    for (i = 0; i < 20000; i++) {
        line = "a" i "\t"
        for (n = 5 + int(rand() * 40); n; n--) line = line "word" int(exp(rand() * 8)) " "
        print line
    }
}' >articles.tsv
printf 'q%d\tword%d word%d word%d\n' 1 1 7 90 2 300 41 2000 3 12 12 5 4 2900 2901 2902 >queries.tsv

# index_and_search NAME THREADS: leaves all hits of all queries in NAME.run
index_and_search() {
    "$LEDE" index -q -i "$1.lede" --threads "$2" --memory 32M articles.tsv "$LEDE_CORPUS"
    "$LEDE" check -q -i "$1.lede"
    "$LEDE" search -i "$1.lede" --queries queries.tsv --format trec -n 30000 >"$1.run"
    cut -d ' ' -f 1,3,5 "$1.run" | sort >"$1.hits"
}

index_and_search one 1
index_and_search four 4
index_and_search again 4
[ "$(wc -l <one.run)" -gt 1000 ] || { echo "too few hits to tell anything: $(wc -l <one.run)" >&2; exit 1; }
diff one.hits four.hits
diff four.run again.run
