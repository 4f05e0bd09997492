# What lede-bench and the counters of core/counters.h print, as bench/results/pruning.csv: a line a search, per query.
BEGIN { print "mode,k,bounds,evaluated,opened,chunks,empty,postings,marked,lookups,scored,positions" }
/ op=query / {
    for (i = 1; i <= NF; i++) { split($i, pair, "="); f[pair[1]] = pair[2] }
}
/^counters / {
    line = f["mode"] "," f["k"]
    for (i = 2; i <= NF; i++) { split($i, pair, "="); line = line "," sprintf("%.1f", pair[2] / f["nq"]) }
    print line
}
