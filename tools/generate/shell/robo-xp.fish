# Tab completion of robo-xp for fish. Written by: ./dev python -m tools.generate
# What comes out of the vault is data here: compared and shown, never evaluated.

# {tables}

# Prints what stands at the cursor: the slot, the command before it, what leads the value.
function __robo_xp_here
    set -l words (commandline -opc)
    set -l current (commandline -ct)
    set -l at ''
    set -l plain no
    set -l position 1
    set -e words[1]
    while set -q words[1]
        set -l word "$words[1]"
        set -e words[1]
        if test $plain = no; and test "$word" = --
            set plain yes
        else if test $plain = no; and string match -qr -- '^-.' "$word"
            if not string match -q -- '*=*' "$word"; and __robo_xp_value "$at" "$word" >/dev/null
                if not set -q words[1]
                    __robo_xp_value "$at" "$word"
                    printf '%s\n' "$at" ''
                    return
                end
                set -e words[1]
            end
        else if contains -- "$word" (__robo_xp_commands "$at" | string replace -r -- '\t.*' '')
            set at (string trim -- "$at $word")
        else
            set position (math $position + 1)
        end
    end
    set -l slot
    set -l lead ''
    set -l slots (__robo_xp_arguments "$at")
    if test $plain = no; and string match -qr -- '^--.*=' "$current"
        set lead (string replace -r -- '=.*' '=' "$current")
        set slot (__robo_xp_value "$at" (string trim -r -c = -- "$lead"))
    else if test $plain = no; and string match -q -- '-*' "$current"
        set slot options
    else if __robo_xp_commands "$at" | read -l first
        set slot commands
    else if set -q slots[$position]
        set slot $slots[$position]
    else if __robo_xp_repeats "$at"
        set slot $slots[-1]
    end
    printf '%s\n' "$slot" "$at" "$lead"
end

# Prints the candidates, each with a description. Only plain words get onto the command line.
function __robo_xp_offer
    set -l here (__robo_xp_here)
    set -l lead "$here[3]"
    set -l slot (string split ' ' -- "$here[1]")
    switch "$slot[1]"
        case commands
            __robo_xp_commands "$here[2]"
        case options
            __robo_xp_options "$here[2]"
        case words
            printf '%s\n' $lead$slot[2..-1]
        case ask
            set -l typed (string sub -s (math 1 + (string length -- "$lead")) -- (commandline -ct))
            set -l words (commandline -opc)
            set -e words[1]
            command robo-xp __complete $slot[2] "$typed" -- $words 2>/dev/null </dev/null \
                | string match -r -- '^@?[A-Za-z0-9_.][A-Za-z0-9_./-]*(?:\t.*)?$' \
                | string replace -r -- '^' "$lead"
    end
end

function __robo_xp_wants_file
    set -l here (__robo_xp_here)
    string match -qr -- '^(file|folder)$' "$here[1]"
end

complete -c robo-xp -f
complete -c robo-xp -n __robo_xp_wants_file -F
complete -c robo-xp -k -a '(__robo_xp_offer)'
