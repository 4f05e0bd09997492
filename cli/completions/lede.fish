# Completion of lede in fish. What there is to complete comes from the command itself: lede --list-commands, and
# lede COMMAND --list-options, a line for each option: --name, its letter, and what it takes (nothing, a|b|c, or a kind).
function __lede_command
    set -l skip 0
    for word in (commandline -opc)[2..-1]
        if test $skip = 1
            set skip 0
        else if contains -- $word -i --index --color
            set skip 1
        else if not string match -q -- '-*' $word
            echo $word
            return
        end
    end
end

function __lede_complete
    set -l lede (commandline -opc)[1]
    set -l command (__lede_command)
    set -l previous (commandline -opc)[-1]
    set -l current (commandline -ct)
    set -l kept ''
    # --color=al
    if string match -q -- '--*=*' $current
        set previous (string split -m 1 = -- $current)[1]
        set kept $previous=
        set current (string split -m 1 = -- $current)[2]
    end
    for line in ($lede $command --list-options 2>/dev/null)
        set -l fields (string split \t -- $line)
        if contains -- $previous $fields[1] $fields[2]; and test -n "$fields[3]"
            switch $fields[3]
                case '*|*'
                    printf '%s\n' $kept(string split '|' -- $fields[3])
                case folder
                    printf '%s\n' $kept(__fish_complete_directories $current)
                case file
                    printf '%s\n' $kept(__fish_complete_path $current)
            end
            return
        end
        string match -q -- '-*' $current; and echo $fields[1]
    end
    if string match -q -- '-*' $current
        echo --help
    else if test -z "$command" -o "$command" = help
        $lede --list-commands 2>/dev/null
    else if contains -- $command index delete similar
        __fish_complete_path $current
    end
end

complete -c lede -f -a '(__lede_complete)'
