# What lede-bench and the counters of core/base/counters.h print, as bench/results/pruning.csv: a line a search, per query.
# With -v filters=1, as bench/results/filters.csv: a line "filter NAME" before each search tells what it is limited to.
BEGIN {
    columns = "mode,k,bounds,evaluated,opened,blocks,chunks,empty,postings,marked,lookups,scored,positions"
    print filters ? "filter," columns ",hits" : columns
}
/^filter / { filter = $2 }
/ op=query / {
    for (i = 1; i <= NF; i++) { split($i, pair, "="); f[pair[1]] = pair[2] }
}
/^counters / {
    line = f["mode"] "," f["k"]
    for (i = 2; i <= NF; i++) { split($i, pair, "="); line = line "," sprintf("%.1f", pair[2] / f["nq"]) }
    print filters ? filter "," line "," sprintf("%.1f", f["hits"] / f["nq"]) : line
}
