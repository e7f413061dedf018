#compdef robo-xp
# Tab completion of robo-xp for zsh. Written by: ./dev python -m tools.generate
# What comes out of the vault is data here: compared and shown, never evaluated.

# {tables}

# Offers what the vault knows. Only plain words get onto the command line.
_robo_xp_ask() {
  local line value about
  local -a found
  for line in "${(@f)$(command robo-xp __complete $1 "${(Q)PREFIX}" -- "${(@Q)words[2,-1]}" \
    2>/dev/null </dev/null)}"; do
    value=${line%%$'\t'*} about=${line#*$'\t'}
    if [[ $value =~ '^@?[A-Za-z0-9_.][A-Za-z0-9_./-]*$' ]]; then
      found+=("$value:${about//\\/\\\\}")
    fi
  done
  _describe -t $1 $1 found -M 'm:{[:lower:][:upper:]}={[:upper:][:lower:]}'
}

# Offers what belongs into a slot.
_robo_xp_offer() {
  case $1 in
    (words*) compadd -- ${=1#words} ;;
    (ask*) _robo_xp_ask ${1#ask } ;;
    (file) _files ;;
    (folder) _files -/ ;;
    (*) return 1 ;;
  esac
}

_robo-xp() {
  local at= slot= plain= more= word
  local -a commands options arguments
  local -i i position=0
  _robo_xp_at ''
  for ((i = 2; i < CURRENT; i++)); do
    word=$words[i]
    if [[ -z $plain && $word == -- ]]; then
      plain=1
    elif [[ -z $plain && $word == -?* ]]; then
      if [[ $word != *=* ]] && _robo_xp_value "$at" "$word"; then
        i+=1
      fi
    elif [[ -n $word && -n ${commands[(r)${(b)word}:*]} ]]; then
      at+=${at:+ }$word
      _robo_xp_at "$at"
    else
      position+=1
    fi
  done
  if ((i > CURRENT)); then
    _robo_xp_offer "$slot"
  elif [[ -z $plain && $PREFIX == --*=* ]]; then
    _robo_xp_value "$at" "${PREFIX%%=*}" && compset -P '*=' && _robo_xp_offer "$slot"
  elif [[ -z $plain && $PREFIX == -* ]]; then
    _describe -o option options
  elif (($#commands)); then
    _describe -t commands command commands
  elif ((position < $#arguments)); then
    _robo_xp_offer "$arguments[position + 1]"
  elif [[ -n $more ]]; then
    _robo_xp_offer "$arguments[-1]"
  else
    return 1
  fi
}

# Found in fpath this file is the body of the function; sourced, it has to say what it is for.
if [[ $funcstack[1] == _robo-xp ]]; then
  _robo-xp "$@"
else
  compdef _robo-xp robo-xp
fi
