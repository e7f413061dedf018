"""The completion script of zsh, out of the tree of commands."""

from __future__ import annotations

from collections.abc import Iterator

from robo_xp_cli.generate_tree import Option, Tree, value_slots

_HEAD = """\
#compdef robo-xp
# Tab completion of robo-xp for zsh. Written by: ./dev python -m robo_xp_cli.generate
# What comes out of the vault is data here: compared and shown, never evaluated.
"""

_TAIL = r"""
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
"""


def zsh(tree: Tree) -> str:
    """The whole script."""
    return "\n".join([_HEAD, *_at(tree), "", *_value(tree)]) + "\n" + _TAIL


def _at(tree: Tree) -> Iterator[str]:
    """The function that says what stands below a command."""
    yield "# Sets what may stand behind a command: its own commands, options, arguments."
    yield "_robo_xp_at() {"
    yield "  local -a everywhere changes"
    yield from _array("everywhere", _described(tree.everywhere), "  ")
    yield from _array("changes", _described(tree.changes), "  ")
    yield "  commands=() options=($everywhere) arguments=() more="
    yield "  case $1 in"
    for place in tree.places:
        own = tree.version if not place.path else place.own
        yield f"    ({_quoted(place.path)})"
        if own:
            yield from _array("options+", _described(own), "      ")
        if place.changes:
            yield "      options+=($changes)"
        if place.commands:
            lines = [f"{name}:{line}" for name, line in place.commands]
            yield from _array("commands", lines, "      ")
        if place.arguments:
            slots = " ".join(_quoted(slot.text) for slot in place.arguments)
            yield f"      arguments=({slots}){' more=1' if place.repeats else ''}"
        yield "      ;;"
    yield from ("  esac", "}")


def _array(name: str, entries: list[str], indent: str) -> Iterator[str]:
    yield f"{indent}{name}=("
    yield from (f"{indent}  {_quoted(entry)}" for entry in entries)
    yield f"{indent})"


def _described(options: tuple[Option, ...]) -> list[str]:
    return [f"{name}:{option.help}" for option in options for name in reversed(option.names)]


def _value(tree: Tree) -> Iterator[str]:
    """The function that says what the value of an option is."""
    yield "# Sets the slot for the value of an option ($2) of a command ($1); fails if it has none."
    yield "_robo_xp_value() {"
    yield '  case "$1 $2" in'
    for patterns, slot in value_slots(tree):
        yield f"    ({'|'.join(patterns)}) slot={_quoted(slot)} ;;"
    yield from ("    (*) return 1 ;;", "  esac", "}")


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "'\\''") + "'"
