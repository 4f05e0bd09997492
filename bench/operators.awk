# Makes queries with operators of plain ones, of two words and more: -v kind=near, adj, sentence, exact, prefix, wildcard,
# fuzzy, tree, not, quorum or body.
#
#     awk -v kind=near -f bench/operators.awk QUERIES >near.txt
{
    gsub(/[^A-Za-z0-9 ]/, " ")
    n = split($0, w, " ")
    if (n < 2)
        next
    all = w[1]
    for (i = 2; i <= n; i++)
        all = all " " w[i]
    rest = substr(all, length(w[1]) + 2)
    if (kind == "near") print "NEAR/10(" all ")"
    else if (kind == "adj") print "ADJ/4(" all ")"
    else if (kind == "sentence") print "SENTENCE(" all ")"
    else if (kind == "exact") { out = ""; for (i = 1; i <= n; i++) out = out " =" w[i]; print out }
    else if (kind == "prefix") print substr(w[1], 1, 4) "* " rest
    else if (kind == "wildcard") print substr(w[1], 1, 2) "*" substr(w[1], length(w[1])) " " rest
    else if (kind == "fuzzy") print w[1] "~ " rest
    else if (kind == "tree") print "(" w[1] " AND " w[2] ") OR (" all ")"
    else if (kind == "not") print all " NOT the"
    else if (kind == "quorum") print "(" all ")/2"
    else if (kind == "body") print "body:(" all ")"
}
