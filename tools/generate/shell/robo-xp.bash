# Tab completion of robo-xp for Bash. Written by: ./dev python -m tools.generate
# What comes out of the vault is data here: compared and printed, never evaluated.

# {tables}

# Fills "words" with the words up to the cursor, whole where Bash cuts them (at "=", ":" or "@"),
# and "lead" with the part of the last one that Bash leaves alone.
_robo_xp_words() {
    local rest=${COMP_LINE:0:COMP_POINT} part i
    for ((i = 0; i <= COMP_CWORD; i++)); do
        part=${COMP_WORDS[i]}
        if ((i == 0)) || [[ $rest == [[:space:]]* ]]; then
            rest=${rest#"${rest%%[![:space:]]*}"}
            words+=('') lead=
        else
            lead=${words[-1]}
        fi
        ((i == COMP_CWORD)) && part=$rest
        words[-1]+=$part
        rest=${rest#"$part"}
    done
    [[ $part == [=:] ]] && lead=${words[-1]}
    lead=${lead%@} # cut there, and still a part of what gets replaced
}

_robo_xp_reply() { COMPREPLY+=("${1#"$lead"}"); }

# Offers what the vault knows. Only plain words get onto the command line; what is said about them
# is only shown, when Bash asks for a list to print (63).
_robo_xp_ask() {
    local value about values=() abouts=() i
    while IFS=$'\t' read -r value about; do
        if [[ $value =~ ^@?[A-Za-z0-9_.][A-Za-z0-9_./-]*$ ]]; then
            values+=("$value") abouts+=("$about")
        fi
    done < <(command robo-xp __complete "$1" "$2" -- "${words[@]:1}" 2>/dev/null </dev/null)
    compopt -o nosort 2>/dev/null
    for i in "${!values[@]}"; do
        if ((COMP_TYPE == 63 && ${#values[@]} > 1)) && [[ ${abouts[i]} ]]; then
            COMPREPLY+=("${values[i]}  (${abouts[i]})")
        else
            _robo_xp_reply "$3${values[i]}"
        fi
    done
}

# Offers what belongs into a slot ($1), given what was typed of it ($2) behind what ($3).
_robo_xp_offer() {
    local word
    case $1 in
    words*)
        for word in ${1#words}; do
            [[ $word == "$2"* ]] && _robo_xp_reply "$3$word"
        done
        ;;
    ask*) _robo_xp_ask "${1#ask }" "$2" "$3" ;;
    file) compopt -o default ;;
    folder) compopt -o dirnames ;;
    esac
}

_robo_xp() {
    local IFS=$' \t\n' words=() lead='' at='' slot='' plain='' word current i last
    local commands options arguments more position=0
    COMPREPLY=()
    _robo_xp_words
    last=$((${#words[@]} - 1))
    current=${words[last]}
    _robo_xp_at ''
    for ((i = 1; i < last; i++)); do
        word=${words[i]}
        if [[ ! $plain && $word == -- ]]; then
            plain=1
        elif [[ ! $plain && $word == -?* ]]; then
            if [[ $word != *=* ]] && _robo_xp_value "$at" "$word"; then
                ((++i))
            fi
        elif [[ $word && " $commands " == *" $word "* ]]; then
            at+=${at:+ }$word
            _robo_xp_at "$at"
        else
            ((++position))
        fi
    done
    if ((i > last)); then
        _robo_xp_offer "$slot" "$current"
    elif [[ ! $plain && $current == --*=* ]]; then
        if _robo_xp_value "$at" "${current%%=*}"; then
            _robo_xp_offer "$slot" "${current#*=}" "${current%%=*}="
        fi
    elif [[ ! $plain && $current == -* ]]; then
        _robo_xp_offer "words $options" "$current"
    elif [[ $commands ]]; then
        _robo_xp_offer "words $commands" "$current"
    elif ((position < ${#arguments[@]})); then
        _robo_xp_offer "${arguments[position]}" "$current"
    elif [[ $more ]]; then
        _robo_xp_offer "${arguments[${#arguments[@]} - 1]}" "$current"
    fi
}

complete -F _robo_xp robo-xp
