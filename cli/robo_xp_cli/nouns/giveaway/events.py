"""Events of giveaways as lines for people: which prize, who, how many."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from robo_xp.text import counted, first_of
from robo_xp_cli.show import lines as render_text
from robo_xp_cli.show.words import human_time

if TYPE_CHECKING:
    from robo_xp_cli.run.context import Run
    from robo_xp_cli.show.results import Record

_FEW = 3
_FIELDS = {"prize": "prize", "ends_at": "end", "winners_count": "number of winners"}


class Prizes:
    """The prize of each giveaway as the events come, in their order."""

    def __init__(self, run: Run) -> None:
        """Know the prizes as they are now, for events that name none."""
        self._now = {
            listed.giveaway.id: listed.giveaway.prize
            for listed in run.robo().giveaways.list(run.guild_id, which="all")
        }
        self._then: dict[str, str] = {}

    def at(self, event: Record) -> str:
        """The prize at the event, or the giveaway's id where it is not known."""
        giveaway_id = event["giveawayId"]
        if event["type"] == "giveawayStart":
            self._then[giveaway_id] = event["prize"]
        elif event["type"] == "giveawayEdit" and event["key"] == "prize":
            self._then[giveaway_id] = event["new"]
            return str(event["old"])
        return self._then.get(giveaway_id) or self._now.get(giveaway_id) or str(giveaway_id)


def told(event: Record, prizes: Prizes, names: Mapping[str, str]) -> str:
    """What happened, in words."""
    kind = event["type"]
    if kind == "giveawaySettingsChange":
        return f"giveaway setting {event['key']}: {_value(event, 'old')} -> {_value(event, 'new')}"
    if "giveawayId" not in event:
        return str(kind)
    prize = f"'{prizes.at(event)}'"
    match kind:
        case "giveawayStart":
            until = human_time(event["endsAt"])
            return f"{prize} started, {counted(event['winnersCount'], 'winner')}, until {until}"
        case "giveawayEdit":
            field = _FIELDS.get(event["key"], event["key"])
            return f"{prize}: {field} {_field(event, 'old')} -> {_field(event, 'new')}"
        case "giveawayEnter":
            return f"{_members(list(event['entries']), names)} entered {prize}"
        case "giveawayLeave":
            return f"{_members(list(event['entries']), names)} left {prize}"
        case "giveawayEnd":
            return f"{prize} ended, {_won(event, names)}"
        case "giveawayReroll":
            return f"{prize} was drawn again, {_won(event, names)}"
        case "giveawayCancel":
            return f"{prize} was cancelled"
        case "giveawayMessage":
            return f"{prize} was posted as message {event['messageId']}"
    return f"{kind} {prize}"


def _won(event: Record, names: Mapping[str, str]) -> str:
    winners = event["winners"]
    return f"won by {_members(winners, names)}" if winners else "nobody won"


def _members(user_ids: Sequence[str], names: Mapping[str, str]) -> str:
    """The first members by name where it is known, and how many more there are."""
    return first_of([names.get(user_id, user_id) for user_id in user_ids], _FEW)


def _field(event: Record, key: str) -> str:
    if event["key"] == "ends_at":
        return human_time(event[key])
    return _value(event, key)


def _value(event: Record, key: str) -> str:
    return render_text.plain(event[key]) if key in event else "not set"
