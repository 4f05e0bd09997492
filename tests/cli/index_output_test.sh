# What indexing prints: the summary, warnings, JSON; updates and deletes as a user meets them.
. "$LEDE_SOURCE/tests/cli/support.sh"
make_articles articles

# No time in a summary is the same twice.
summary() {
    sed -E 's/ in [0-9.]+ s/ in T/' <<<"$out"
}

run index articles
is "a new index" 0
same "$(summary)" "indexed 3 articles ($(sed -nE 's/.*\(([0-9]+) passages.*/\1/p' .out) passages) from 3 files in T"
says ""
[ -d .lede ] || fault "no .lede was made"
run index articles
same "$(summary)" "indexed 0 articles (0 passages) from 0 files in T; 3 unchanged"

sleep 0.02
echo "The letter was opened at last." >>articles/envoy.txt
rm articles/rivers.txt
run index articles
same "$(summary)" "indexed 1 article (1 passage) from 1 file in T; 1 unchanged, 1 updated, 1 removed"
run search rivers
is "a vanished file" 1
run search opened at last
is "a changed file" 0

run index --json articles
is "JSON" 0
shows '"version":1'
shows '"files_unchanged":2'
shows '"interrupted":false'
documented
run index -q articles
same "$out" ""
says ""

# Standard input, and files of other names when they are told apart by name.
step="lede index -"
out=$(printf '{"id":"one","contents":"Of elephants in a circus."}\n' | "$LEDE" index - 2>.err)
status=$? err=$(cat .err)
is "standard input" 0
same "$(summary)" "indexed 1 article (1 passage) from 1 file in T"
run search --json elephants
shows '"key":"one"'

# What can't be used is told, a line each, and the rest is indexed.
printf 'Text\0with a NUL byte\n' >articles/binary.txt
printf 'Caf\xe9 \xff\xfe broken, but of use: zebra.\n' >articles/latin.txt
run index articles
is "with a binary file" 0
mentions "lede: warning: articles/binary.txt: "
mentions "NUL"
shows "1 skipped"
run search zebra
is "broken bytes" 0

# A folder of files that are not read says why nothing came of it.
mkdir pictures
touch pictures/one.png pictures/two.pdf pictures/.hidden.png
run index -i pictures.lede pictures
is "no article" 0
same "$(summary)" "indexed 0 articles (0 passages) from 0 files in T; 2 of other kinds"

# Ids that come again, in one file and in two.
mkdir twice
printf '%s\n' '{"id":"1","text":"Of apples."}' '{"id":"2","text":"Of pears."}' '{"id":"1","text":"Of plums."}' >twice/a.jsonl
printf '%s\n' '{"id":"2","text":"Of quinces."}' >twice/b.jsonl
run index -i twice.lede twice
same "$(summary)" "indexed 2 articles (2 passages) from 2 files in T; 2 replaced by later ones with the same id"
run search -i twice.lede plums quinces
shows "plums"
shows "quinces"
run search -i twice.lede apples pears
is "replaced" 1

# Not by the thousand.
for i in {1..30}; do
    printf '{"id": %s\n' "$i"
done >many.jsonl
run index -i many.lede many.jsonl
same "$(grep -c 'warning: many.jsonl:[0-9]*: ' .err)" 20
mentions "10 more files or records left out"
shows "30 records skipped"

# Delete: by path from here, by key, and what is not there.
run delete articles/envoy.txt
is "by path" 0
same "$out" "deleted 1 article"
run search opened at last
is "deleted" 1
run delete one nobody
is "one of them is not there" 1
same "$out" "deleted 1 article"
says "lede: nobody: no article or file of this name in the index"
run search elephants
is "deleted" 1
run delete --json nobody
is "nobody" 1
shows '"missing":["nobody"]'
documented
# As "$unset" has it.
run delete ""
errs "the key to delete is empty"
run search -q simla
is "nothing deleted" 0
rm articles/talks.txt
run delete articles/talks.txt
is "a file that is gone" 0

# The index as a whole.
run index -q articles
run optimize
is "optimize" 0
shows "merged into one segment"
run check
is "check" 0
shows "no fault found"
run check --json
shows '"sound":true'
documented
run optimize --json
is "optimize again" 0
shows '"bytes_after":'
documented
run stats
is "stats" 0
shows "articles"
shows "postings"
run stats --json
is "stats" 0
shows '"segments":1'
documented

# Settings are told once.
run index --language klingon -i k.lede articles
errs "klingon"
[ ! -e k.lede ] || fault "an index was made all the same"
run index --language german articles
errs "english"
run index --memory 1M articles
errs "memory"
finish
