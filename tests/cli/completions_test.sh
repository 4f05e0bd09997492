#!/usr/bin/env bash
# What Tab offers in zsh and fish, as those shells have it; a shell that is not here is left out. bash is tested with
# the help.
. "$LEDE_SOURCE/tests/cli/support.sh"

out= err= status=
mkdir news.lede notes
touch notes.txt
completions=$LEDE_SOURCE/cli/completions
PATH=$(dirname "$LEDE"):$PATH

# A line, and what is offered behind it, in any order.
cases=(
    'lede se' 'search'
    'lede search --li' '--limit --lines --links'
    'lede search --color ' 'always auto never'
    'lede search --color al' 'always'
    'lede search --color=al' 'always'
    'lede -i news.lede ti' 'timeline'
    'lede help ti' 'timeline'
    'lede search -i ' 'news.lede notes'
    'lede index note' 'notes notes.txt'
    'lede search --limit ' ''
    'lede search word' ''
    'lede optimize --k' '--keep-order'
)

# offered SHELL LINE WORDS: what FOUND has for the line, without what marks folders and the option before a "="
offered() {
    local words
    words=$(sed -n "s/^$2 => //p" found | sed 's/[ 	].*//; s/.*=//; s:/$::' | sort -u | xargs)
    [ "$words" = "$3" ] || fault "$1: behind '$2' it offers '$words', not '$3'"
}

step="fish"
if command -v fish >/dev/null; then
    for ((i = 0; i < ${#cases[@]}; i += 2)); do
        fish --no-config -c 'source $argv[1]; complete -C $argv[2]' "$completions/lede.fish" "${cases[i]}" |
            sed "s/^/${cases[i]} => /" >found
        offered fish "${cases[i]}" "${cases[i + 1]}"
    done
else
    echo "no fish here: left out"
fi

# In a terminal of its own, where what is added to the list of completions is written down. No line is ever run: between
# two of them the terminal would take some keys for itself. ^G ends one.
step="zsh"
cat >complete.zsh <<'EOF'
zmodload zsh/zpty || exit 1
completions=$1
shift
: >found
zpty z zsh -f -i
zpty -w z "PS1=; unsetopt zle_bracketed_paste; LISTMAX=10000; fpath=(${(q)completions} \$fpath)"
zpty -w z 'autoload -Uz compinit; compinit -u -D'
zpty -w z 'compadd() { if (( ! ${@[(I)-[OAD]*]} )); then local -a offered; builtin compadd -O offered "$@"
    print -rl -- "${(@)offered/#/$BUFFER => }" >>found; fi; builtin compadd "$@" }'
zpty -w z 'end-line() { print -r "end of:$BUFFER:" >>found; BUFFER= }; zle -N end-line; bindkey "^G" end-line'
# Until it listens.
until grep -q '^end of::' found; do
    zpty -w -n z $'\C-g'
    zpty -r -t z out || sleep 0.02
done
for line; do
    zpty -w -n z "$line"$'\t\C-g'
    until [[ $(tail -n 1 found) == "end of:$line"*: ]]; do
        zpty -r -t z out || sleep 0.02
    done
done
zpty -d z
EOF
if command -v zsh >/dev/null && zsh -fc 'zmodload zsh/zpty' 2>/dev/null; then
    lines=()
    for ((i = 0; i < ${#cases[@]}; i += 2)); do
        lines+=("${cases[i]}")
    done
    timeout 100 zsh -f complete.zsh "$completions" "${lines[@]}" >/dev/null || fault "no answer"
    for ((i = 0; i < ${#cases[@]}; i += 2)); do
        offered zsh "${cases[i]}" "${cases[i + 1]}"
    done
else
    echo "no zsh here: left out"
fi

finish
