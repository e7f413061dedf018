"""MEE6: the pages of a leaderboard, however they were saved; Lumistra and Experienced beside it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from robo_xp.usecases.reading.documents import Document
from robo_xp.usecases.reading.spelling import folded_key
from robo_xp.usecases.transfer.entry import ForeignSettings, SourceCurve
from robo_xp.usecases.transfer.fields import Fields
from robo_xp.usecases.transfer.members import Found, first_members, guild_of, members_in
from robo_xp.usecases.transfer.sources.base import How, Source, lists, objects_in, on_object
from robo_xp.usecases.transfer.sources.convert import Converted, each
from robo_xp.usecases.transfer.sources.curves import MEE6

_PAGE: Final = ("role_rewards", "xp_per_message", "xp_rate")
# what counts here are the messages that were awarded
_FIELDS: Final = Fields({"xp_messages": ("messagecount",), "messages": ()})


def _fits(document: Document) -> bool:
    """Pages with MEE6's own keys, or players as only it lists them."""
    if document.kind != "json":
        return False
    if any(
        _is_dump(one) or ("players" in one and {*_PAGE} & {*one}) for one in objects_in(document)
    ):
        return True
    return any("detailed_xp" in one or "message_count" in one for one in _first(document))


def _could_be(document: Document) -> bool:
    """A page without MEE6's own keys, or a bare list of players."""
    return _has_players(document) or lists("id", "xp", "level")(document)


def _first(document: Document) -> list[Mapping[str, Any]]:
    return first_members(_pages(document))


def _members(document: Document, how: How) -> Iterator[Found]:
    is_dump = isinstance(document.value, Mapping) and _is_dump(document.value)
    guild = guild_of(document.value) if is_dump else None
    for page in _pages(document):
        yield from members_in([page], guild)


def _pages(document: Document) -> list[Any]:
    """The pages, out of a dump of settings too."""
    value = document.value
    if isinstance(value, Mapping) and _is_dump(value):
        answers = value["responses"]
        parts = answers.values() if isinstance(answers, Mapping) else answers
        return [
            one
            for one in parts
            if isinstance(one, list) or (isinstance(one, Mapping) and "players" in one)
        ]
    return list(value) if isinstance(value, list) else [value]


def _is_dump(value: Mapping[str, Any]) -> bool:
    return "guildId" in value and isinstance(value.get("responses"), list | dict)


def _curve(document: Document, how: How) -> SourceCurve:
    return MEE6


def _settings(document: Document, how: How) -> ForeignSettings:
    """Rewards, rate and curve from the first page that has them."""
    found = Converted()
    found.curve(MEE6)
    objects = objects_in(document)
    for one in [*objects, *_answers(objects)]:
        rewards = each(one.get("role_rewards"))
        if rewards and not found.rewards:
            for reward in rewards:
                found.reward(reward.get("rank"), reward.get("role"))
        span = one.get("xp_per_message")
        if isinstance(span, list) and len(span) == 2 and "xpRate" not in found.own:
            found.award(span[0], span[1], one.get("xp_rate", 1))
    return found.done("no-XP places and announcements: MEE6 does not export them")


def _answers(objects: list[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    answers = [one["responses"] for one in objects if _is_dump(one)]
    parts = [a.values() if isinstance(a, Mapping) else a for a in answers]
    return [one for part in parts for one in part if isinstance(one, Mapping)]


_has_players = on_object(lambda value: isinstance(value.get("players"), list))


def _is_table(document: Document) -> bool:
    """Whether it is a table as Lumistra writes them."""
    columns = () if document.table is None else map(folded_key, document.table.columns)
    return {"username", "xp", "messages"} <= {*columns}


def _fits_lumistra(document: Document) -> bool:
    if document.kind != "json" or _fits(document):
        return False
    return any("players" in one for one in objects_in(document)) and any(
        "messages" in one for one in _first(document)
    )


SOURCES: Final = (
    Source(
        name="mee6", title="MEE6", fits=_fits, could_be=_could_be, members=_members,
        fields=_FIELDS, curve=_curve, settings=_settings,
    ),
    Source(
        name="lumistra", title="Lumistra", kinds=("json", "table"), fits=_fits_lumistra,
        could_be=lambda document: _is_table(document) or _has_players(document), curve=_curve,
    ),
    Source(
        name="experienced", title="Experienced", could_be=lists("id", "xp"), curve=_curve,
    ),
)  # fmt: skip
