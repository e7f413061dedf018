"""Events of giveaways as lines for people: which prize, who, how many."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from robo_xp.text import count_text, first_of
from robo_xp_cli.show import lines as render_text
from robo_xp_cli.show.words import human_time

if TYPE_CHECKING:
    from robo_xp.model.events import OfGiveaway
    from robo_xp_cli.run.context import Run
    from robo_xp_cli.show.results import Record

_FEW = 3
_FIELDS = {
    "prize": "prize",
    "starts_at": "start",
    "ends_at": "end",
    "winners_count": "number of winners",
}


class Prizes:
    """The prize of each giveaway as the events come, in their order."""

    def __init__(self, run: Run) -> None:
        self._now = {
            listed.giveaway.id: listed.giveaway.prize
            for listed in run.robo().giveaways.list(run.guild_id, which="all")
        }
        self._then: dict[str, str] = {}

    def at(self, event: OfGiveaway) -> str:
        """The prize at the event, or the giveaway's id where it is not known."""
        from robo_xp.model import events

        giveaway_id = event.giveaway_id
        if isinstance(event, events.GiveawayScheduled | events.GiveawayStarted):
            self._then[giveaway_id] = event.prize
        elif isinstance(event, events.GiveawayEdited) and event.key == "prize":
            self._then[giveaway_id] = event.new
            return str(event.old)
        return self._then.get(giveaway_id) or self._now.get(giveaway_id) or giveaway_id


def event_text(record: Record, prizes: Prizes, names: Mapping[str, str]) -> str:
    """What happened, in words."""
    from robo_xp.model import events
    from robo_xp.model.event_reading import event_of

    event = event_of(record)
    if isinstance(event, events.ValueChanged):
        return f"giveaway setting {event.key}: {value(event.old)} -> {value(event.new)}"
    if not isinstance(event, events.OfGiveaway):
        return event.type
    prize = f"'{prizes.at(event)}'"
    match event:
        case events.GiveawayScheduled():
            return f"{prize} is planned for {human_time(event.starts_at)}"
        case events.GiveawayStarted():
            until = human_time(event.ends_at)
            return f"{prize} started, {count_text(event.winners_count, 'winner')}, until {until}"
        case events.GiveawayEdited():
            old, new = (_field(event.key, one) for one in (event.old, event.new))
            return f"{prize}: {_FIELDS.get(event.key, event.key)} {old} -> {new}"
        case events.GiveawayEntered():
            return f"{_members(list(event.entries), names)} entered {prize}"
        case events.GiveawayLeft():
            return f"{_members(list(event.entries), names)} left {prize}"
        case events.GiveawayClaim():
            return f"{prize}: {event.new} by {_members(list(event.user_ids), names)}"
        case events.GiveawayCancelled():
            return f"{prize} was cancelled"
        case events.GiveawayPosted():
            return f"{prize} was posted as message {event.message_id}"
    return _draw_text(event, prize, names)


def _draw_text(event: OfGiveaway, prize: str, names: Mapping[str, str]) -> str:
    """What happened of draws."""
    from robo_xp.model import events

    match event:
        case events.GiveawayClosed():
            return f"{prize} waits for round {event.round} of the beacon"
        case events.GiveawayEnded():
            return f"{prize} ended, {_winners_text(event.winners, names)}"
        case events.GiveawayRerolled():
            return f"{prize} was drawn again, {_winners_text(event.winners, names)}"
    return f"{event.type} {prize}"


def value(given: Any) -> str:
    """The value of a setting as people read it."""
    from msgspec import UNSET

    return "not set" if given is UNSET else render_text.plain(given)


def _winners_text(winners: Sequence[str], names: Mapping[str, str]) -> str:
    return f"won by {_members(winners, names)}" if winners else "nobody won"


def _members(user_ids: Sequence[str], names: Mapping[str, str]) -> str:
    """The first members by name where it is known, and how many more there are."""
    return first_of([names.get(user_id, user_id) for user_id in user_ids], _FEW)


def _field(key: str, given: Any) -> str:
    return human_time(given) if key in ("starts_at", "ends_at") else value(given)
