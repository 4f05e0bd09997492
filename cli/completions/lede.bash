# Completion of lede in bash. What there is to complete comes from the command itself: lede --list-commands, and
# lede COMMAND --list-options, a line for each option: --name, its letter, and what it takes (nothing, a|b|c, or a kind).
_lede() {
    local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD - 1]} command= i takes
    COMPREPLY=()
    for ((i = 1; i < COMP_CWORD; i++)); do
        case ${COMP_WORDS[i]} in
            -i | --index | --color) ((i++)) ;;
            -*) ;;
            *) command=${COMP_WORDS[i]}; break ;;
        esac
    done
    # bash takes "=" for a word of its own: --color=al comes as --color, =, al
    [[ $cur == = ]] && cur=
    [[ $prev == = ]] && prev=${COMP_WORDS[COMP_CWORD - 2]}
    takes=$("${COMP_WORDS[0]}" ${command:+"$command"} --list-options 2>/dev/null |
        awk -F'\t' -v o="$prev" '$1 == o || $2 == o { print $3 }')
    case $takes in
        *'|'*) mapfile -t COMPREPLY < <(compgen -W "${takes//|/ }" -- "$cur"); return ;;
        folder) mapfile -t COMPREPLY < <(compgen -d -- "$cur"); return ;;
        file) mapfile -t COMPREPLY < <(compgen -f -- "$cur"); return ;;
        ?*) return ;;
    esac
    if [[ $cur == -* ]]; then
        mapfile -t COMPREPLY < <(compgen -W "$("${COMP_WORDS[0]}" ${command:+"$command"} --list-options 2>/dev/null |
            cut -f1) --help" -- "$cur")
    elif [[ -z $command || $command == help ]]; then
        mapfile -t COMPREPLY < <(compgen -W "$("${COMP_WORDS[0]}" --list-commands 2>/dev/null | cut -f1)" -- "$cur")
    elif [[ $command == index || $command == delete || $command == similar ]]; then
        mapfile -t COMPREPLY < <(compgen -f -- "$cur")
    fi
}
complete -o filenames -F _lede lede
