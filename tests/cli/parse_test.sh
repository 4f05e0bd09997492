# lede parse: what a query is read as, ranges of dates above all; what was guessed; --strict.
. "$LEDE_SOURCE/tests/cli/support.sh"

printf 'Talks in Moscow.\n' >a.txt
"$LEDE" index -q -i i.lede a.txt || exit 1

# reads QUERY AS TREE: the canonical query in the first line, behind it the tree.
reads() {
    run parse -i i.lede "$1"
    is "a query" 0
    same "$out" "$2"$'\n'"$3"
}

reads 'a date:2025-04-22..2025-05-10' 'a date:2025-04-22..2025-05-10' 'group
  should   word a
  filter   date 2025-04-22..2025-05-10'
reads 'a date:2025' 'a date:2025' 'group
  should   word a
  filter   date 2025'
reads 'a date:2025-05..' 'a date:2025-05..' 'group
  should   word a
  filter   date 2025-05..'
reads 'a -date:..2024' 'a -date:..2024' 'group
  should   word a
  must not date ..2024'
reads 'talks NEAR/3("in moscow" =talk)^2' 'talks NEAR/3("in moscow" =talk)^2' 'group
  should   word talks -> talk
  should   near, 3, weight 2
    phrase
      word in
      word moscow
    form talk'

run parse -i i.lede 'a date:2025-05-10..2025-04-22'
is "dates the wrong way round" 0
shows 'dates from later to earlier: read as a date:2025-04-22..2025-05-10'
shows 'filter   date 2025-04-22..2025-05-10'

run parse -i i.lede 'a date:2025-13'
is "no date" 0
shows 'not a date such as 2025'
hides 'filter'

run parse -i i.lede --strict 'a date:2025-13'
errs 'not a date'
run parse -i i.lede --strict 'a "b'
errs 'unbalanced quote at byte 3'

finish
