# An index in shards, from the command line: servers on this host, one that is killed, replicas, and what is said of shards
# that are not what they should be.
. "$LEDE_SOURCE/tests/cli/support.sh"
if [ ! -e "$LEDE_BUILD/lede-xapian.so" ]; then
    run search -i xapian:none simla
    errs "this takes the Debian package libxapian30"
    finish
fi
command -v xapian-tcpsrv >/dev/null || { echo "skipped: no xapian-tcpsrv here (Debian package xapian-tools)"; exit 77; }

# Servers by number, each in a process group of its own, with the children that answer its connections.
pids=()
listens() { (exec 3<>"/dev/tcp/127.0.0.1/$(port "$1")") 2>/dev/null; }
# A group of processes may be gone already.
stop() {
    kill -9 -- -"${pids[$1]}" 2>/dev/null
    pids[$1]=
    for _ in $(seq 100); do
        listens "$1" || return
        sleep 0.05
    done
}
trap 'for i in "${!pids[@]}"; do [ -z "${pids[i]}" ] || stop "$i"; done' EXIT
# Ten of its own, below those that the system gives to connections (32768 and above).
base=$((20000 + $$ % 1200 * 10))
port() { echo $((base + $1)); }
# However long it takes, if it does not end.
await_server() {
    until listens "$1"; do
        kill -0 "${pids[$1]}" 2>/dev/null || return
        sleep 0.05
    done
}
serve() {
    local number=$1 folder=$2
    shift 2
    setsid "$LEDE" shard serve -q --port "$(port "$number")" "$folder" "$@" >/dev/null 2>&1 &
    pids[number]=$!
    disown
    await_server "$number" || fault "server $number does not listen"
}
at() { echo "127.0.0.1:$(port "$1")"; }

make_articles articles
make_lines lines.jsonl
for i in 1 2 3; do serve $i "s$i" --writable; done
three=xapian://$(at 1),$(at 2),$(at 3)

run index -i "$three" articles lines.jsonl
is "indexing" 0
run index -i "$three" --json articles lines.jsonl
shows '"files_unchanged":4'
run search -i "$three" Lavrov Simla
is "searching" 0
shows "Talks in Moscow"
run stats -i "$three"
shows "shards                           3"
run stats -i "$three" --json
shows '"shards":3'
documented
run check -i "$three"
is "checking" 0
run search -i "$three" --json -n 100 a the in
is "all passages" 0
all=$(grep -o '"passage"' .out | wc -l)
LEDE_INDEX=$three run search --group article --format trec lavrov
shows "envoy.txt"
run delete -i "$three" a
is "deleting" 0
run search -i "$three" -n 1 Wheat
shows "Wheat"
run optimize -i "$three"
errs "xapian-compact"
run search -i "$three" -n 1 'NEAR/99(lavrov simla) -title:wheat "talks in"'
is "operators" 0
shows "Talks in Moscow"
run search -i "$three" 'SENTENCE(lavrov simla)'
errs "an index in shards can't tell sentences; ask for NEAR or PASSAGE in place of SENTENCE"
run search -i "$three" 'NEAR/5("talks in" lavrov)'
errs "NEAR and ADJ take words and choices of words, no phrases"
run search -i "$three" --sort date Lavrov
is "sorting by date" 0
run search -i "$three" --recent 30 Lavrov
is "recent ones first" 0
run search -i "$three" Lavrv
says "lede: note: did you mean: Lavrov"
run terms -i "$three" Lavrov
is "telling words" 0
run search -i "$three" --facets source Lavrov
is "counting by file" 0
shows "envoy.txt"
run timeline -i "$three" Lavrov
is "counting by date" 0
run search -i "$three" --explain --rank bm25 Lavrov
is "taking scores apart" 0
shows "lavrov  1× in"
run search -i "$three" --json --explain -n 1 Lavrov
shows '"explanation":{"name":"'
"$LEDE" search -i "$three" --format trec the | head -n 1 >/dev/null
[ "${PIPESTATUS[0]}" = 0 ] || [ "${PIPESTATUS[0]}" = 141 ] || fault "a reader who goes early is an error"

# What the list of shards can be.
run search -i "xapian://$(at 1),$(at 3),$(at 2)" simla
errs "shard 2 of 3 ($(at 3)): is shard 3 of 3; name the shards in their order"
run search -i "xapian://$(at 1),$(at 2)" simla
errs "shard 1 of 2 ($(at 1)): the database of this index is shard 1 of 3; name all 3, in their order"
run index -i "xapian://$(at 2)" articles
errs "is shard 2 of 3"
run search -i "xapian://$(at 1),$(at 2),$(at 9)" simla
errs "shard 3 of 3 ($(at 9)): Couldn't connect: Connection refused; is its server running there?"
run index -i "xapian://$(at 1),127.1:$(port 1),$(at 3)" articles
errs "shard 2 of 3 (127.1:$(port 1)): is shard 1 of 3; name the shards in their order"
run search -i xapian://localhost simla
errs "'localhost' is no HOST:PORT of a shard's server"
run search -i xapian://localhost:99999 simla
errs "'localhost:99999' is no HOST:PORT"
run search -i xapian://::1:7000 simla
errs "Xapian reaches addresses of IPv4 alone"
run search -i "xapian://[::1]:7000" simla
errs "Xapian reaches addresses of IPv4 alone"
run search -i xapian://no-such-host.invalid:7000 simla
errs "is its name right, and has it an address of IPv4?"
run search -i xapian:nowhere simla
errs "nowhere"
run search -i xapian: simla
errs "name a folder or shard file"
printf '# nothing\n' >places
run search -i xapian:places simla
errs "places: names no shard"
printf 'localhost:7000\n\nlocalhost:7001 elsewhere\n' >places
run search -i xapian:places simla
errs "places:3: 'elsewhere' is no HOST:PORT"
mkdir other
serve 4 other/db --writable
run index -i "xapian://$(at 4)" lines.jsonl
run search -i "xapian://$(at 1),$(at 2),$(at 4)" simla
errs "shard 3 of 3 ($(at 4)): the database of this index is shard 1 of 1"
run index -i "xapian://$(at 4)" --language german articles
errs "its language is english, not german"
stop 4

# Databases that are new.
serve 4 new1 --writable
serve 7 new2 --writable
run index -i "xapian://$(at 4),127.1:$(port 4)" articles
errs "shard 2 of 2 (127.1:$(port 4)): is the database of shard 1, or a copy of it; name another for each shard"
run search -i "xapian://$(at 4),$(at 7)" simla
errs "shard 1 of 2 ($(at 4)): nothing was indexed there yet; make the index with \`lede index\`"
for command in search index; do
    run $command -i "xapian://$(at 1),$(at 4),$(at 3)" articles
    errs "shard 2 of 3 ($(at 4)): is empty, while others are shards of an index; name its server, or restore its database"
done
# An index whose making was cut short is made on.
xapian-metadata set new1 lede 'lede 2 set=0123456789abcdef shard=1/2 language=german passages=0 text=1'
run index -i "xapian://$(at 7),$(at 4)" --language german articles
errs "shard 2 of 2 ($(at 4)): is shard 1 of 2; name the shards in their order"
run index -i "xapian://$(at 4),$(at 7)" --language german articles
is "making an index on" 0
run check -i "xapian://$(at 4),$(at 7)"
is "checking it" 0
[[ $(xapian-metadata get new2 lede) == "lede 2 set=0123456789abcdef shard=2/2 language=german passages=0 text=1" ]] ||
    fault "the second shard is of another index"
stop 7
rm -r new2
serve 7 new2 --writable
run index -i "xapian://$(at 4),$(at 7)" --language german articles
errs "shard 2 of 2 ($(at 7)): is empty, while others are shards of an index"
stop 4
stop 7

# A server of another version: what it says first is the version of its protocol.
cat >other-version <<'EOF'
use Socket;
socket(S, PF_INET, SOCK_STREAM, 0) and setsockopt(S, SOL_SOCKET, SO_REUSEADDR, 1) or die;
bind(S, sockaddr_in($ARGV[0], INADDR_LOOPBACK)) and listen(S, 9) or die;
while (accept(C, S)) { syswrite(C, "\0\x2c" . chr(77) . "\0" . "\0" x 42); close(C); }
EOF
if command -v perl >/dev/null; then
    setsid perl other-version "$(port 5)" &
    pids[5]=$!
    disown
    await_server 5
    run search -i "xapian://$(at 5)" simla
    errs "Server supports protocol version 77.0 - client is using"
    run index -i "xapian://$(at 5)" articles
    errs "; run Xapian of the same series on both hosts"
    run search -i "xapian://$(at 1),$(at 2),$(at 5)" simla
    errs "shard 3 of 3 ($(at 5)): "
    stop 5
fi

# Another server than Xapian's.
if command -v perl >/dev/null; then
    setsid perl -MSocket -e 'socket(S, PF_INET, SOCK_STREAM, 0); bind(S, sockaddr_in($ARGV[0], INADDR_LOOPBACK)) && listen(S, 9);
        while (accept(C, S)) { syswrite(C, "HTTP/1.1 400 Bad Request\r\n\r\n"); close(C); }' "$(port 6)" &
    pids[6]=$!
    disown
    await_server 6
    run search -i "xapian://$(at 6)" simla
    errs "Connection closed unexpectedly; is it Xapian's server, and still running?"
    stop 6
    # Those that say nothing keep no writer waiting for long, and no other from the shards before them; nor a search, which
    # waits for all at the same time.
    for i in 8 9; do
        setsid perl -MSocket -e 'socket(S, PF_INET, SOCK_STREAM, 0); bind(S, sockaddr_in($ARGV[0], INADDR_LOOPBACK)) && listen(S, 9);
            sleep(600);' "$(port $i)" &
        pids[i]=$!
        disown
        await_server $i
    done
    start=$SECONDS
    run search --partial -i "xapian://$(at 1),$(at 8),$(at 9)" a the in
    [ "$status" -lt 2 ] || fault "no search beside those that say nothing"
    for i in 8 9; do mentions "($(at $i)): Timeout expired while trying to read"; done
    [ $((SECONDS - start)) -lt 18 ] || fault "one is waited for after the other, $((SECONDS - start)) seconds"
    timeout 60 "$LEDE" index -i "xapian://$(at 1),$(at 2),$(at 8)" articles >.out 2>.err5 &
    sleep 1
    run index -i "$three" articles
    is "indexing beside one that waits" 0
    wait $! && fault "one that says nothing is indexed into"
    grep -q "shard 3 of 3 ($(at 8)): Timeout expired while trying to read" .err5 || fault "$(cat .err5)"
    stop 8
    stop 9
fi

# The unit for systemd, with the command where it is here.
if command -v systemd-analyze >/dev/null; then
    sed "s,/usr/bin/lede,$LEDE,; /^Documentation/d" "$LEDE_SOURCE/docs/lede-shard@.service" >lede-shard@7000.service
    complaints=$(systemd-analyze verify "$PWD/lede-shard@7000.service" 2>&1 | grep lede-shard)
    [ -z "$complaints" ] || fault "systemd says of docs/lede-shard@.service: $complaints"
fi

# A server that lets nobody write.
serve 4 other/db
run search -i "xapian://$(at 4)" simla
is "reading from one that is read-only" 0
run index -i "xapian://$(at 4)" articles
errs "lede shard serve --writable"
stop 4

# One is killed: an error that names it, or what the others have.
stop 2
run search -i "$three" simla
errs "shard 2 of 3 ($(at 2)): "
run search -i "$three" --partial -n 100 a the in
is "searching what is left" 0
[[ $err == "lede: warning: shard 2 of 3 ($(at 2)): "* ]] || fault "no warning of the shard that is missing"
run search -i "$three" --partial --json -n 100 a the in
shows '"missing":"shard 2 of 3'
documented
some=$(grep -o '"passage"' .out | wc -l)
[ "$some" -lt "$all" ] || fault "$some of $all passages without a shard"
run index -i "$three" articles
errs "shard 2 of 3"
run stats -i "$three"
errs "shard 2 of 3"

# A copy of its database takes its place, as a replica; and it comes back.
cp -r s2 replica
printf '%s\n%s ./replica # of the second\n%s\n' "$(at 1)" "$(at 2)" "$(at 3)" >places
run search -i xapian:places Lavrov Simla
is "searching a replica" 0
shows "Talks in Moscow"
[ -z "$err" ] || fault "a replica is no reason for a warning"
serve 2 s2 --writable
run index -i "$three" articles lines.jsonl
is "indexing when it is back" 0
run search -i "$three" Lavrov Simla
is "searching when it is back" 0
run check -i "$three"
is "checking when it is back" 0

# The command itself.
run shard
errs "lede shard serve DIR --port N"
run shard serve s1
errs "--port needs a number from 1 to 65535"
run shard serve s1 --port 70000
errs "--port needs a number from 1 to 65535"
run shard serve nowhere --port 7000
errs "nowhere: no database of Xapian's"
run shard serve lines.jsonl --writable --port 7000
errs "lines.jsonl: a file; name a folder for the database"
run shard serve s1 --port "$(port 1)"
errs "cannot listen at $(at 1): Address already in use; name another --port"
run shard serve s1 --port "$(port 9)" --listen no-such-host.invalid
errs "--listen no-such-host.invalid: "
err=$(PATH=/nowhere "$LEDE" shard serve -q s1 --port 7000 2>&1)
mentions "install the Debian package xapian-tools"

# A database on this host is written as often as the memory asks for: here while there is more to come.
mkfifo more
env -u XAPIAN_FLUSH_THRESHOLD "$LEDE" index -q -i xapian:local --memory 32M --format jsonl - <more >.out 2>.err &
exec 4>more
awk 'BEGIN { for (i = 0; i < 6000; i++) printf "{\"id\": \"%d\", \"text\": \"Treaty %d of Simla, as signed in %d.\"}\n", i, i, i }' >&4
for _ in $(seq 1000); do
    [ "$(stat -c %s local/postlist.glass 2>/dev/null || echo 0)" -gt 100000 ] && break || sleep 0.1
done
[ "$(stat -c %s local/postlist.glass)" -gt 100000 ] || fault "all of it is held in memory"
exec 4>&-
wait $!
run stats -i xapian:local --json
shows '"passages":6000'

# Where libxapian is missing.
mkdir bin
cp "$LEDE" bin/
LEDE=$PWD/bin/lede run search -i xapian:s1 simla
errs "xapian:s1: this takes the Debian package libxapian30"
finish
