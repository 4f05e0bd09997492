# The table of bench/compare out of its log: a row for each thing measured, a column for each engine, medians of the
# rounds, and how many times better Lede is than the best of the others.

function median(key,   n, i, j, t, v) {
    n = split(values[key], v, " ")
    for (i = 2; i <= n; i++)
        for (j = i; j > 1 && v[j] + 0 < v[j - 1] + 0; j--) { t = v[j]; v[j] = v[j - 1]; v[j - 1] = t }
    return n ? v[int((n + 1) / 2)] : ""
}

# The rows keep the order in which they were first met within a group, and groups that of their numbers.
function add(group, what, value) {
    if (value == "") return
    if (!((group, what) in known)) { known[group, what]; rows[group, ++row_count[group]] = what }
    values[name "," what] = values[name "," what] " " value
}

{
    split("", f)
    for (i = 1; i <= NF; i++) { split($i, pair, "="); f[pair[1]] = pair[2] }
    name = f["name"]
}
f["op"] == "index" && f["label"] == 1 {
    add(1, "index, 1 thread, MB/s", f["MB_per_s"])
    add(1, "and merged, MB/s", f["MB_per_s_total"])
    add(1, "index MB", f["bytes"] / 1e6)
    add(1, "peak memory, MB", f["rss_mb"])
}
f["op"] == "index" && f["label"] == 2 { add(1, "index, 2 threads, MB/s", f["MB_per_s"]) }
f["op"] == "query" {
    what = f["mode"] == "count" && f["k"] == 1 ? "count" : f["mode"] " top-" f["k"]
    add(2, what " mean us", f["mean_us"])
    add(2, what " p99 us", f["p99_us"])
}
f["op"] == "shot" {
    add(3, f["label"] " word, process us", f["us"])
    add(3, f["label"] " word, times true", f["ratio"])
}

function print_row(what,   p, best, more, m, own) {
    printf "%-30s", what
    best = ""; more = what ~ /MB\/s/
    for (p = 1; p <= count; p++) {
        m = median(names[p] "," what)
        printf "%12s", m == "" ? "-" : what ~ /times/ ? sprintf("%.2f", m) : sprintf("%.1f", m)
        if (names[p] !~ /^lede/ && m != "" && (best == "" || (more ? m > best : m < best))) best = m
    }
    own = median("lede," what)
    if (best != "" && own > 0) printf "  %8.2f", more ? own / best : best / own
    printf "\n"
}

END {
    count = split(order, names, " ")
    printf "%-30s", ""
    for (p = 1; p <= count; p++) printf "%12s", names[p]
    print "  best other : lede"
    for (group = 1; group <= 3; group++)
        for (i = 1; i <= row_count[group]; i++) print_row(rows[group, i])
    if (median("true,frequent word, process us") != "")
        printf "\n`true` takes %.0f us here.\n", median("true,frequent word, process us")
}
