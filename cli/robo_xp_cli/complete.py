"""``robo-xp __complete KIND [PREFIX [-- WORDS]]``: what the vault knows, for the Tab key.

Completion scripts call it, people do not. It prints ``value<TAB>description`` lines, or nothing
at all when something is wrong; it takes no lock, makes nothing, and ends in time. Names and
prizes are typed by members of a guild: only plain words become values, and descriptions carry
nothing that is not visible. ``WORDS`` are those of the command line so far, read for its
``--guild``, ``--store``, ``--data-dir`` and ``--config``, and for the setting that it names.
"""

from __future__ import annotations

import os
import re
import signal
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from heapq import nsmallest
from typing import TYPE_CHECKING, NoReturn, TypeAlias

from robo_xp_cli.show.words import visible_text

if TYPE_CHECKING:
    from robo_xp import RoboXP
    from robo_xp.settings.table import Field, Table
    from robo_xp_cli.run.context import Run

WORK_SECONDS = 0.3
WAIT_SECONDS = 2.0
MOST = 200
_QUICKLY_READ = 8 << 20  # bytes
DESCRIPTION_LIMIT = 60
_PLAIN = re.compile(r"@?[A-Za-z0-9_.][A-Za-z0-9_./-]*")
_OPTIONS = {
    "--guild": "guild",
    "-g": "guild",
    "--store": "store",
    "-s": "store",
    "--data-dir": "data_dir",
    "--config": "config",
}
Found: TypeAlias = Iterator[tuple[str, str]]
_Ask: TypeAlias = "Callable[[Run, RoboXP, str], Found]"


class _TooLate(BaseException):
    """The time is up; what was found until then has to do."""


def answer(argv: Sequence[str]) -> NoReturn:
    """Print the candidates and end the process with 0, in time and whatever happens."""
    lines: dict[str, str] = {}
    with suppress(Exception, _TooLate):
        _limit_time()
        _silence()
        before, line = _split_at_mark(list(argv))
        kind, prefix = before[0], before[1] if len(before) > 1 else ""
        _gather(lines, _candidates(kind, prefix, line), prefix)
    with suppress(Exception, _TooLate):
        text = "".join(f"{value}\t{about}\n" for value, about in lines.items())
        os.write(1, text.encode("utf-8", "replace"))
    os._exit(0)


def given_in(words: Sequence[str]) -> dict[str, str]:
    """The shared options in a command line as it was typed, the last of each."""
    found = {}
    for word, after in zip(words, [*words, ""][1:], strict=True):
        option, equals, value = word.partition("=")
        if option in _OPTIONS:
            found[_OPTIONS[option]] = value if equals else after
        elif word[:2] in _OPTIONS and not word.startswith("--"):
            found[_OPTIONS[word[:2]]] = word[2:]
    return {name: _without_quotes(value) for name, value in found.items() if value}


def _split_at_mark(words: list[str]) -> tuple[list[str], list[str]]:
    """The words before and behind the mark; a prefix may look like the mark."""
    end = words.index("--", 2) if "--" in words[2:] else len(words)
    return words[:end], words[end + 1 :]


def _without_quotes(word: str) -> str:
    """The word as a shell would pass it on, if that takes no more than removing quotes."""
    import shlex

    with suppress(ValueError):
        return "".join(shlex.split(word)[:1])
    return word


def _limit_time() -> None:
    """Raise _TooLate after too much work, or too much waiting.

    They are counted apart, so that a busy machine gets the same answers.
    """
    for number in (signal.SIGPROF, signal.SIGALRM):
        signal.signal(number, _stop)
    signal.setitimer(signal.ITIMER_PROF, max(WORK_SECONDS - time.process_time(), 0.1))
    signal.setitimer(signal.ITIMER_REAL, WAIT_SECONDS)


def _stop(number: int, frame: object) -> None:
    raise _TooLate


def _silence() -> None:
    """Let nobody write to stderr, not even a library that warns."""
    sys.stderr = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115 - for as long as the process lives


def _candidates(kind: str, prefix: str, line: Sequence[str]) -> Found:
    if kind == "setting-value" and (field := _setting_in(line)):
        what = getattr(field.kind, "what", "")
        kind = what if what in _KINDS else kind
    if kind in _STATIC:
        yield from _STATIC[kind](line)
        return
    from robo_xp import RoboXP
    from robo_xp_cli.run.context import Run

    run, ask = Run(given_in(line)), _KINDS[kind]
    if not run.is_in_database and not run.data_dir.is_dir():
        return
    with RoboXP.open(run.vault_address, by="completion") as robo:
        yield from ask(run, robo, prefix)


def _gather(lines: dict[str, str], found: Found, prefix: str) -> None:
    """Keep the candidates that begin with the prefix, in whatever case, each once."""
    folded = prefix.casefold()
    for value, description in found:
        if value.casefold().startswith(folded) and _PLAIN.fullmatch(value):
            lines.setdefault(value, visible_text(description)[:DESCRIPTION_LIMIT])
        if len(lines) >= MOST:
            break
    _keep_one_spelling(lines, prefix)


def _keep_one_spelling(lines: dict[str, str], prefix: str) -> None:
    """Keep those that spell the prefix alike where a shell would else take typed letters away.

    It puts what all of them begin with in place of the word: ``@`` for ``@Regular`` and ``@robo``.
    """
    spellings = list(dict.fromkeys(value[: len(prefix)] for value in lines))
    if len(spellings) > 1 and len({spelling[:1] for spelling in spellings}) == 1:
        wanted = prefix if prefix in spellings else spellings[0]
        for value in [value for value in lines if not value.startswith(wanted)]:
            del lines[value]


def _guilds(run: Run, robo: RoboXP, prefix: str) -> Found:
    """Guilds with data, and their stores; the names of the files tell, none is opened."""
    from robo_xp.vault import name_of

    stores: dict[str, list[str]] = {}
    for name in robo.vault.names("giveaways"):
        stores.setdefault(name_of(name).guild_id, [])
    for one in map(name_of, robo.vault.names("xp")):
        stores.setdefault(one.guild_id, []).append(one.store_id)
    for guild in sorted(stores, key=int):
        yield guild, ", ".join(stores[guild])


def _stores(run: Run, robo: RoboXP, prefix: str) -> Found:
    """The stores that hold anything; large ones are not read for it, since Tab is in a hurry."""
    for store in robo.stores.ids(run.guild_id, largest=_QUICKLY_READ):
        yield store, f"store of guild {run.guild_id}"


def _members(run: Run, robo: RoboXP, prefix: str) -> Found:
    """Members by name where the name is a plain word that nobody shares, else by id.

    All of them by id where the prefix is the beginning of one, or where no name is known.
    """
    names = robo.names.of(run.guild_id)
    if prefix.isdigit() or not names:
        yield from _by_id(names, prefix)
        for member in robo.xp.records(run.guild_id, store=run.store_id):
            yield member.user_id, f"{member.xp} XP"
        return
    mark = "@" if prefix.startswith("@") else ""
    typed = prefix.removeprefix("@").casefold()
    near = {user_id: name for user_id, name in names.items() if name.casefold().startswith(typed)}
    often = Counter(name.casefold() for name in near.values())
    for name, user_id in nsmallest(MOST, ((name, user_id) for user_id, name in near.items())):
        is_word = _PLAIN.fullmatch(mark + name) and not name[0].isdigit()
        yield (mark + name, user_id) if is_word and often[name.casefold()] == 1 else (user_id, name)


def _by_id(names: Mapping[str, str], prefix: str) -> Found:
    yield from ((user_id, names[user_id]) for user_id in names if user_id.startswith(prefix))


def _roles(run: Run, robo: RoboXP, prefix: str) -> Found:
    yield from _names_or_ids(robo.names.of(run.guild_id, "roles"), "@", prefix)


def _channels(run: Run, robo: RoboXP, prefix: str) -> Found:
    yield from _names_or_ids(robo.names.of(run.guild_id, "channels"), "", prefix)


def _names_or_ids(names: Mapping[str, str], sign: str, prefix: str) -> Found:
    """Names that are plain words and nobody shares, else ids."""
    mark = sign if sign and prefix.startswith(sign) else ""
    often = Counter(name.casefold() for name in names.values())
    for id_, name in names.items():
        is_word = _PLAIN.fullmatch(name) and often[name.casefold()] == 1
        yield (mark + name, id_) if is_word and not name[0].isdigit() else (id_, name)


def _giveaways(run: Run, robo: RoboXP, prefix: str) -> Found:
    for listed in robo.giveaways.list(run.guild_id):
        giveaway = listed.giveaway
        yield giveaway.id, f"{giveaway.status}: {giveaway.prize}"


def _levels(run: Run, robo: RoboXP, prefix: str) -> Found:
    for reward in robo.rewards.list(run.guild_id, store=run.store_id):
        yield str(reward.level), f"gives role {reward.role_id}"


def _namespaces(run: Run, robo: RoboXP, prefix: str) -> Found:
    yield from ((name, "") for name in robo.vault.names())


def _fields(line: Sequence[str]) -> Table:
    """The settings that the command line is about."""
    from robo_xp.settings.giveaway import GIVEAWAY
    from robo_xp.settings.xp import XP

    return GIVEAWAY if "giveaway" in line else XP


def _settings(line: Sequence[str]) -> Found:
    """The keys of settings; in a map from ids the id is still to be typed."""
    yield from ((field.key, field.help) for field in _fields(line))


def _setting_in(line: Sequence[str]) -> Field | None:
    """The setting that is named in the command line."""
    fields = _fields(line)
    return next((fields.fields[word] for word in line if word in fields.fields), None)


def _values(line: Sequence[str]) -> Found:
    """The words that the setting in the command line takes; else its default."""
    field = _setting_in(line)
    if field is None:
        return
    options = getattr(field.kind, "options", {})
    words = {word: about for word, (_, about) in options.items()}
    if field.kind.type == "boolean":
        words = {"true": "", "false": ""}
    elif isinstance(field.default, str | int | float) and not words:
        words = {str(field.default): ""}
    yield from words.items()


_STATIC: Mapping[str, Callable[[Sequence[str]], Found]] = {
    "setting": _settings,
    "setting-value": _values,
}
_KINDS: Mapping[str, _Ask] = {
    "guild": _guilds,
    "store": _stores,
    "member": _members,
    "role": _roles,
    "channel": _channels,
    "giveaway": _giveaways,
    "level": _levels,
    "namespace": _namespaces,
}
KINDS = (*_STATIC, *_KINDS)
