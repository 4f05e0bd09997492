# The adapter to the search-benchmark-game, built by its Makefile against an installed Lede: the answers to each command
# on a corpus that can be counted by hand.
set -eu
cmake --install "$LEDE_BUILD" --prefix "$PWD/prefix" >/dev/null
pc=$(find "$PWD/prefix" -name lede.pc)
export PKG_CONFIG_PATH=${pc%/*} CORPUS=$PWD/corpus.json
cp -r "$LEDE_SOURCE/bench/game" engine
cat >corpus.json <<'END'
{"id": "1", "text": "the who played in the united kingdom"}
{"id": "2", "text": "who is the king of the united states"}
{"id": "3", "text": "the kings played cards"}
{"id": "4", "text": "nobody knows"}
END
for target in compile index; do
    make -s -C engine "$target" CFLAGS="-std=c11 -Wall -Wextra -pedantic -Werror"
done
while IFS='|' read -r command query expected; do
    printf '%s\t%s\n' "$command" "$query" >>asked
    printf '%s\n' "$expected" >>expected
done <<'END'
COUNT|the who|3
COUNT|+the +who|2
COUNT|"the who"|1
COUNT|"who the"|0
COUNT|king|1
COUNT|absent|0
UNOPTIMIZED_COUNT|played|2
TOP_10|the who|1
TOP_100|+the +who|1
TOP_1000|"the who"|1
TOP_10|absent|1
TOP_10_COUNT|the who|3
TOP_100_COUNT|+united +the|2
TOP_1000_COUNT|+"the who" +united|1
TOP_10_COUNT|played knows|3
TOP_10_FF|the who|UNSUPPORTED
NONSENSE|the who|UNSUPPORTED
COUNT|the|3
END
make -s -C engine serve <asked >said
diff expected said || {
    paste asked expected said >&2
    exit 1
}
printf 'COUNT the\nCOUNT\t\nCOUNT\tthe\n' | make -s -C engine serve >said
[ "$(tail -n 1 said)" = 3 ] && [ "$(wc -l <said)" = 3 ] || {
    echo "a line that makes no sense ends it: $(cat said)" >&2
    exit 1
}
