# Every error is one line, exits with 2, and leaves the index as it was.
. "$LEDE_SOURCE/tests/cli/support.sh"
make_articles articles
"$LEDE" index -q -i i.lede articles || exit 1

# The index still answers, and is sound.
unharmed() {
    "$LEDE" search -q -i i.lede lavrov || fault "the index does not answer any more"
    "$LEDE" check -q -i i.lede || fault "the index is not sound any more"
    [ "$("$LEDE" search -i i.lede -q extra; echo $?)" = 1 ] || fault "the index has what failed"
}

run index -i i.lede articles nowhere
errs "nowhere: cannot be read: No such file or directory"
unharmed
run index -i i.lede articles <(echo "Of a pipe.")
errs "neither a file nor a folder; pipe it to standard input instead"
unharmed
run index -i i.lede articles ""
errs "index: an empty name of a file or folder; name one, or - for standard input"
unharmed
for command in 'index articles' 'search lavrov' stats 'delete x'; do
    run $command --index=
    errs "the index has no name: --index is empty; name a folder, or leave it out"
done
run search -i "" lavrov
errs "the index has no name"
run index nowhere
errs "nowhere"
[ ! -e .lede ] || fault "an index was made for nothing"
run search -i nowhere.lede lavrov
errs "nowhere.lede"
run search lavrov
errs "lede index"
run stats -i nowhere.lede
errs "nowhere.lede"
run check -i nowhere.lede
errs "nowhere.lede"
run optimize -i nowhere.lede
errs "nowhere.lede"
run delete -i nowhere.lede x
errs "nowhere.lede"
[ ! -e nowhere.lede ] || fault "an index was made all the same"

# Closed standard streams: no file of the index takes their place, to be written into.
mkdir torn
printf 'Text\0with a NUL byte\n' >torn/binary.txt
cp articles/*.txt torn
step="lede index 2>&-"
"$LEDE" index -i closed.lede torn >.out 2>&-
[ ! -s closed.lede/write.lock ] || fault "warnings are in the lock: $(cat closed.lede/write.lock)"
step="lede index - <&-"
"$LEDE" index -i closed.lede - >.out 2>.err <&-
status=$? out=$(cat .out) err=$(cat .err)
is "closed standard input" 2
says "lede: -: cannot be read: Bad file descriptor"
"$LEDE" check -q -i closed.lede || fault "the index is not sound"
step="lede search >&-"
"$LEDE" search -i closed.lede lavrov >&- 2>.err
status=$? out= err=$(cat .err)
errs "standard output could not be written: Bad file descriptor"

# What was named itself and is left out ends with 2, said even with -q; the rest is indexed. In a folder it is a warning.
printf 'extra\0\1\2\3' >named.bin
mkdir mixed
cp named.bin mixed/named.txt
printf 'Of quinces and medlars.\n' >mixed/quinces.txt
run index -q -i i.lede named.bin
errs "named.bin: NUL bytes near its start; binary?"
unharmed
run index -i named.lede named.bin mixed/quinces.txt articles
is "a binary file among others" 2
says "lede: named.bin: NUL bytes near its start; binary?"
shows "from 4 files"
shows "; 1 skipped"
run search -q -i named.lede quinces
is "the rest" 0
run index -i named.lede mixed
is "a binary file in a folder" 0
says "lede: warning: mixed/named.txt: NUL bytes near its start; binary?"
ln -s ../named.bin mixed/link.txt
run index -i named.lede ./mixed/../mixed/link.txt
is "through a link" 2
says "lede: named.bin: NUL bytes near its start; binary?"
rm -r mixed/link.txt
step="lede index - <mixed"
"$LEDE" index -q -i named.lede --format text - <mixed >.out 2>.err
status=$? out=$(cat .out) err=$(cat .err)
errs "-: cannot be read: Is a directory"
# In folders so deep that a message has no room for the path: the file and what is wrong with it are told.
deep=deep
for _ in 1 2 3 4 5 6 7; do deep=$deep/$(printf '%0200d' 0); done
mkdir -p $deep
cp named.bin $deep/named.txt
run index -i deep.lede deep
is "deep" 0
[[ $err == "lede: warning: ..."*"/named.txt: NUL bytes near its start; binary?" ]] || fault "the end of the path, and why"
# Late in the file, which only the parser sees.
{ yes 'extra words' | head -c 100000; printf '\0'; } >late.txt
run index -q -i i.lede late.txt
errs "late.txt: NUL byte at byte 100000; binary?"
unharmed
# One that was a text before: the index keeps what it has.
printf 'Of medlars.\n' >medlar.txt
run index -q -i named.lede medlar.txt
cp named.bin medlar.txt
run index -q -i named.lede medlar.txt
errs "medlar.txt: "
run search -q -i named.lede medlars medlar
is "as it was" 0

# Files that may not grow so large.
seq 20000 | sed 's/.*/{"id":"&","text":"extra words of number &"}/' >long.jsonl
step="lede index, with ulimit -f"
(ulimit -f 64 && exec "$LEDE" index -i i.lede long.jsonl >.out 2>.err)
status=$? out=$(cat .out) err=$(cat .err)
errs "File too large"
unharmed

# Something else than an index.
mkdir other
echo "not an index" >other/catalogue.db
run search -i other lavrov
errs "other"
run index -i other articles
errs "other"
same "$(cat other/catalogue.db)" "not an index"
run search -i articles/talks.txt lavrov
errs "talks.txt"
run index -i articles/talks.txt articles
errs "talks.txt"
mkdir foreign
if command -v sqlite3 >/dev/null; then
    sqlite3 foreign/catalogue.db 'CREATE TABLE bookmarks (url)'
    run search -i foreign lavrov
    errs "foreign"
    run index -i foreign articles
    errs "foreign"
    # Of a newer version.
    cp -r i.lede newer.lede
    version=$(sqlite3 newer.lede/catalogue.db 'PRAGMA user_version')
    sqlite3 newer.lede/catalogue.db "PRAGMA user_version = $((version + 1))"
    run search -i newer.lede lavrov
    errs "newer"
    run index -i newer.lede articles
    errs "newer"
fi

# A segment that was cut short, and one that is gone.
for harm in 'truncate -s 100' 'rm'; do
    rm -rf harmed.lede
    cp -r i.lede harmed.lede
    segment=$(ls harmed.lede/segments/* | head -1)
    $harm "$segment"
    run search -i harmed.lede lavrov
    errs "harmed.lede"
    "$LEDE" check -i harmed.lede >.out 2>.err
    status=$? out= err=$(cat .err)
    errs "harmed.lede"
done

# What can't be read: by somebody who is not root, whom nothing stops.
somebody=
if [ "$(id -u)" = 0 ]; then
    somebody="setpriv --reuid=65534 --regid=65534 --clear-groups"
    chown -R 65534:65534 .
fi
if $somebody "$LEDE" --version >/dev/null 2>&1; then
    as_somebody() {
        step="lede $*, without permission"
        $somebody "$LEDE" "$@" >.out 2>.err </dev/null
        status=$? out=$(cat .out) err=$(cat .err)
    }
    echo "extra words" >articles/secret.txt
    chmod 000 articles/secret.txt
    as_somebody index -i i.lede articles
    is "an unreadable file in a folder" 0
    mentions "warning: articles/secret.txt: "
    mentions "Permission denied"
    shows "1 skipped"
    as_somebody index -i i.lede articles articles/secret.txt
    errs "articles/secret.txt: cannot be read: Permission denied"
    rm -f articles/secret.txt
    chmod 000 i.lede
    as_somebody search -i i.lede lavrov
    errs "i.lede"
    as_somebody index -i i.lede articles
    errs "i.lede"
    chmod 500 i.lede
    as_somebody index -i i.lede articles
    errs "i.lede"
    chmod 700 i.lede
    unharmed
fi

# An index that another process is writing: it can be searched, but not written to.
mkfifo slow
"$LEDE" index -q -i i.lede --format text - <slow &
writer=$!
exec 9>slow
# It has the lock when its number is in it, not yet when the file is open.
until grep -qx "$writer" i.lede/write.lock || ! kill -0 "$writer"; do sleep 0.05; done
run index -i i.lede articles
errs "$writer"
run delete -i i.lede "$PWD/articles/talks.txt"
errs "i.lede"
run search -i i.lede lavrov
is "a search beside a writer" 0
exec 9>&-
wait "$writer" || fault "the writer failed"

# A full disk: no file may grow beyond a few kilobytes, and SIGXFSZ is not to kill.
for i in {1..3000}; do
    printf '{"id":"x%s","text":"extra words of number %s, %s and %s"}\n' "$i" "$i" $((i * 7)) $((i * 13))
done >extra.jsonl
step="lede index, on a full disk"
(
    trap '' XFSZ
    ulimit -f 64
    exec "$LEDE" index -i i.lede extra.jsonl
) >.out 2>.err
status=$? out=$(cat .out) err=$(cat .err)
errs ""
unharmed

# One that is full indeed, where we may mount one.
mkdir tiny
if unshare -m mount -t tmpfs -o size=150k tmpfs tiny 2>/dev/null; then
    step="lede index, on a disk of 150 KiB"
    unshare -m bash -c 'mount -t tmpfs -o size=150k tmpfs tiny && "$LEDE" index -q -i tiny/i.lede articles &&
        ! "$LEDE" index -i tiny/i.lede extra.jsonl && "$LEDE" search -q -i tiny/i.lede lavrov &&
        "$LEDE" check -q -i tiny/i.lede && ! "$LEDE" search -q -i tiny/i.lede extra && exit 2' >.out 2>.err
    status=$? out=$(cat .out) err=$(cat .err)
    errs "; make room and try again"
fi
run index -i i.lede extra.jsonl
is "with room again" 0

# ^C stops at a commit, and tells so. Job control, as without it shells let what is in the background ignore ^C. What is
# fed does not fit into a pipe: when it is gone, it is being read, and signals are waited for.
mkfifo endless
set -m
for signal in INT TERM; do
    rm -rf stopped.lede fed
    { cat extra.jsonl; touch fed; sleep 60; } >endless &
    feeder=$!
    "$LEDE" index -i stopped.lede --format jsonl - <endless >.out 2>.err &
    writer=$!
    until [ -e fed ]; do sleep 0.05; done
    kill -$signal "$writer"
    wait "$writer"
    status=$? out=$(cat .out) err=$(cat .err)
    kill -- -"$feeder"
    wait "$feeder" 2>/dev/null
    step="lede index, and SIG$signal"
    is "stopped" $((128 + $(kill -l $signal)))
    shows "stopped: indexed "
    run check -i stopped.lede
    is "stopped, but sound" 0
done
finish
