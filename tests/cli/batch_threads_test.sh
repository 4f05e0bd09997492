# Many queries at once by several threads: what is printed is what one thread prints.
. "$LEDE_SOURCE/tests/cli/support.sh"
make_lines lines.jsonl
"$LEDE" index -q -i i.lede --passages whole lines.jsonl || exit 1

words=(lavrov simla wheat elephants town '"simla town"' 'w*' '=simla' 'whaet' '"unbalanced')
for i in {1..400}; do
    printf 'q%d\t%s %s\n' "$i" "${words[i * 7 % 10]}" "${words[i * 3 % 9]}"
done >queries.tsv
{ printf 'bad\t'; printf 'word%s ' {1..1100}; printf '\n'; cat queries.tsv; } >some-bad.tsv

# Of commands that are not run by run.
status=0 out="" err=""

# Runs by N threads, into out.N and err.N; how long a query took is no part of it.
by() {
    local n=$1
    shift
    "$LEDE" search -i i.lede --threads "$n" "$@" >raw 2>"err.$n"
    echo "exit $?" >>"err.$n"
    sed -E 's/"seconds":[0-9.e-]+/"seconds":0/; s/[0-9.]+ (ms|s)$/T/' raw >"out.$n"
}
for format in "--format trec" --json "--format text"; do
    for file in queries.tsv "some-bad.tsv --strict"; do
        step="$file, $format"
        by 1 --queries $file $format
        [[ -s out.1 ]] || fault "nothing was found"
        for n in 2 5 40; do
            by "$n" --queries $file $format
            cmp out.1 "out.$n" || fault "other output by $n threads"
            cmp err.1 "err.$n" || fault "other notes by $n threads"
        done
    done
done
tail -n 1 err.5 | grep -q "exit 2" || fault "a bad query is an error"

step="as many threads as there are processors"
run search -i i.lede --queries queries.tsv --format trec
is "" 0
cmp .out <("$LEDE" search -i i.lede --threads 1 --queries queries.tsv --format trec 2>/dev/null) || fault "other output"

step="a program that waits for each answer before it asks again"
for n in 1 3; do
    coproc "$LEDE" search -i i.lede --threads "$n" --queries - --format trec -n 1 2>/dev/null
    for q in simla wheat simla; do
        printf '%s\t%s\n' "$q" "$q" >&"${COPROC[1]}"
        IFS= read -r -t 60 answer <&"${COPROC[0]}" || fault "no answer to $q by $n threads"
        [[ $answer == "$q "* ]] || fault "$answer is no answer to $q"
    done
    pid=$COPROC_PID
    exec {COPROC[1]}>&-
    wait "$pid" || fault "exit status $?"
done

step="nobody reads any more"
for i in {1..30}; do cat queries.tsv; done | "$LEDE" search -i i.lede --threads 3 --queries - --json 2>.err | head -n 1 >.out
[[ -s .out && ! -s .err ]] || fault "$(cat .err)"

step="no queries"
run search -i i.lede --threads 4 --queries /dev/null
is "" 1
run search -i i.lede --threads 4 --queries nowhere.tsv
errs "nowhere.tsv: the queries cannot be read: No such file or directory"

# NULs that take no room on the disk. Sanitizers take more memory than that for themselves.
step="a line that there is no memory for"
printf 'q\tsimla\n' >huge.tsv
truncate -s 1G huge.tsv
for n in 1 3; do
    (ulimit -v 300000 && "$LEDE" --version) >/dev/null 2>&1 || continue
    (ulimit -v 300000 && exec "$LEDE" search -i i.lede --threads $n --queries huge.tsv --format trec -n 1) >.out 2>.err
    status=$? out=$(cat .out) err=$(cat .err)
    [[ $status == 2 && $out == "q "* && $err == "lede: out of memory" ]] || fault "$n threads: $status, $err"
done
finish
