"""What is no file of members: answers that say what went wrong, and giveaways."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from robo_xp.errors import InvalidValue, UnknownSource
from robo_xp.usecases.transfer.members import container_of


def refuse_others(value: Any) -> None:
    """Raise InvalidValue for an answer in place of members, UnknownSource for giveaways."""
    if isinstance(value, Mapping):
        _refuse_answer(value)
    first = value[0] if isinstance(value, list) and value else value
    if isinstance(first, Mapping) and _is_giveaway(first):
        raise UnknownSource(
            "the file holds giveaways, not members", advice="use robo-xp giveaway import FILE"
        )


def _refuse_answer(value: Mapping[str, Any]) -> None:
    """Raise InvalidValue for what a bot's address answers in place of members."""
    error = value.get("error", value.get("errors"))
    if container_of(value) is not None or not (error or value.get("success") is False):
        return
    told = error.get("message", error) if isinstance(error, Mapping) else error
    code = value.get("status_code", value.get("code", value.get("status")))
    said = f"{code}: {told}" if code else f"{told or value.get('message', 'no success')}"
    raise InvalidValue(
        f"the other bot answered with an error in place of members ({ascii(said)[1:-1][:120]})",
        advice="make its leaderboard public for as long as this takes, then fetch the pages again",
    )


def _is_giveaway(value: Mapping[str, Any]) -> bool:
    if "giveaway" in value and ("entries" in value or "winners" in value):
        return True
    return "prize" in value and bool({"winnerCount", "winnersCount", "endAt", "endsAt"} & {*value})
