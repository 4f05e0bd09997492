# A file that was named itself and can't be used: an error each time, told once, and the index as it was; whatever it is
# that sees it, and whether its folder is named, too.
. "$LEDE_SOURCE/tests/cli/support.sh"
mkdir d
printf 'Of quinces and their keeping.\n' >d/quince.txt

# Makes an index of a file that is a text still, and then lets the file be what standard input holds.
begin() {
    rm -rf i.lede d/bad.*
    printf '%s' "${2:-Of medlars.}" >"d/$1"
    run index -q -i i.lede d
    cat >"d/$1"
}

# What was there is found, and the file is told of again, however often it is read.
keeps() {
    for paths in "$1" "$1" "d $1" "$1 d" "$1 $1"; do
        run index -q -i i.lede $paths
        errs "lede: $1: $2"
        run search -q -i i.lede medlars
        is "the index as it was after 'index $paths'" 0
    done
    run index -i i.lede "$1" d
    is "with a summary" 2
    shows " unchanged, 1 skipped"
    run check -q -i i.lede
    is "a sound index" 0
}

begin bad.txt < <(printf 'extra\0\1\2\3')
keeps d/bad.txt "NUL bytes near its start; binary?"
begin bad.txt < <(yes 'extra words' | head -c 100000; printf '\0')
keeps d/bad.txt "NUL byte at byte 100000; binary?"
begin bad.txt < <(printf ' \n\n')
keeps d/bad.txt "no text in it"
begin bad.txt </dev/null
keeps d/bad.txt "no text in it"
begin bad.html < <(printf '<html><script>var only;</script></html>')
keeps d/bad.html "no text in it"

# One of lines, of which not one can be used; and of which some can.
lines() {
    for paths in "$1" "$1" "d $1" "$1 d"; do
        run index -q -i i.lede $paths
        errs "lede: $1: none of its lines can be used; is it in another format?"
        run search -q -i i.lede medlars
        is "the index as it was" 0
    done
}
record='{"_id": "m", "text": "Of medlars."}'
begin bad.jsonl "$record" < <(printf 'a\nb\n')
lines d/bad.jsonl
run index -i i.lede d/bad.jsonl
shows "2 records skipped"
shows "1 skipped"
begin bad.jsonl "$record" < <(seq 300000) # more than a piece of it
lines d/bad.jsonl
begin bad.tsv $'m\tOf medlars.' < <(printf 'a line\nand another\n')
lines d/bad.tsv
begin bad.jsonl "$record" < <(head -c 12000000 /dev/zero | tr '\0' x)
run index -q --memory 32M -i i.lede d/bad.jsonl
errs "lede: d/bad.jsonl: none of its lines can be used"
run search -q -i i.lede medlars
is "the index as it was" 0
begin bad.jsonl "$record" < <(printf 'a\n{"text": "Of pears."}\n')
run index -q -i i.lede d/bad.jsonl
is "a record that is good" 0
run search -q -i i.lede medlars
is "replaced" 1
begin bad.jsonl "$record" </dev/null
run index -q -i i.lede d/bad.jsonl
is "no records" 0
step="lede index - with bad lines"
printf 'a\nb\n' | "$LEDE" index -q -i i.lede --format jsonl - >.out 2>.err
status=$? out=$(cat .out) err=$(cat .err)
errs "lede: -: none of its lines can be used; is it in another format?"
step="lede index - with good ones"
printf 'a\n%s\n' "$record" | "$LEDE" index -q -i i.lede --format jsonl - >.out 2>.err
status=$? out=$(cat .out) err=$(cat .err)
is "a good line" 0

# The same in a database of Xapian's.
if [ -e "$LEDE_BUILD/lede-xapian.so" ]; then
    printf 'Of medlars.\n' >d/bad.txt
    run index -q -i xapian:db d
    printf ' \n' >d/bad.txt
    for paths in d/bad.txt d/bad.txt "d d/bad.txt"; do
        run index -q -i xapian:db $paths
        errs "lede: d/bad.txt: no text in it"
        run search -q -i xapian:db medlars
        is "the database as it was" 0
    done
fi

# In a folder it is a warning, and what was there is not there any more.
begin bad.txt < <(printf ' \n\n')
run index -i i.lede d
is "in a folder" 0
says "lede: warning: d/bad.txt: no text in it"
run search -q -i i.lede medlars
is "gone" 1

# What is good is told of once, too, and what becomes of it is as ever.
begin bad.txt < <(printf 'Of pears.\n')
run index -q -i i.lede d/bad.txt d
is "a good one" 0
run search -q -i i.lede pears
is "found" 0
run search -q -i i.lede medlars
is "replaced" 1
finish
