# The prompt without a terminal: queries from standard input, one a line.
. "$LEDE_SOURCE/tests/cli/support.sh"
make_articles articles
"$LEDE" index -q articles || exit 1

# answers ARGS...: runs lede with standard input.
answers() {
    step="lede $*, from a pipe"
    "$LEDE" "$@" >.out 2>.err
    status=$? out=$(tr -d '\0' <.out) err=$(cat .err)
}

answers < <(printf 'lavrov simla\n')
is "a query" 0
says ""
shows "  1  Talks in Moscow on the Simla Accord"
hides "lede>"
hides "Type words"
hides "match,"
one=$out
answers prompt < <(printf 'lavrov simla')
same "$out" "$one"
run search lavrov simla -n 5
answers < <(printf 'elephants\n\n   \nzebras\n')
is "nothing found" 1
same "$out" ""
answers < <(printf 'elephants\nlavrov\n')
is "one of them found something" 0
answers </dev/null
is "no queries" 1
answers --json < <(printf 'lavrov\nelephants\n')
same "$(wc -l <.out)" 2
answers < <(printf ':n 1\nlavrov\n:more\n:open 2\n:stats\n:help\n:quit\nsimla\n')
is "commands" 0
shows "  1  "
shows "  2  "
shows "articles"
shows ":open N"
"$LEDE" index -q --no-text -i bare.lede articles
answers -i bare.lede < <(printf 'indus\n:open 1\n')
shows "Six rivers"
says "lede: the index keeps no text; see articles/rivers.txt, line 3"
answers < <(printf ':nonsense\n:open 3\nlavrov\n:open 99\n')
is "mistakes are survived" 0
mentions "unknown command ':nonsense'; ':help' lists them"
mentions "no query yet"
mentions "there is no hit 99"

# Any input: broken UTF-8, controls, NUL, long lines, quotes and signs without end.
answers < <(printf '\xff\xfe\x80 \0 \x1b[31m\n'; head -c 100000 /dev/zero | tr '\0' 'a'; printf '\n"""\n+ - +\n-\n"\nlavrov\n')
is "odd input" 0
shows "Lavrov"
answers < <(head -c 200000 /dev/urandom; printf '\nlavrov\n')
[ "$status" -le 1 ] || [ "$status" = 0 ] || fault "random bytes are not survived"
hides $'\033'

run prompt -i nowhere.lede
errs "nowhere.lede"
finish
