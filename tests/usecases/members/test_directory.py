"""Members found by a part of their names."""

from __future__ import annotations

import random

from robo_xp import RoboXP
from tests.usecases.small import GUILD, memory

WORDS = ("Ada", "ADAM", "bad ada", "Straße", "STRASSE", "桜井", "🦊", "a", "ada  ada", "Zoë")


def found(robo: RoboXP, text: str) -> list[tuple[str, str]]:
    """The members that a search finds, by name and id."""
    return sorted((one.name, one.user_id) for one in robo.public.found(GUILD, text))


def test_a_search_is_the_list_of_all_names_that_have_the_text() -> None:
    """Whoever came, went, was hidden or renamed since the last search, few of them or many."""
    chance = random.Random(4)
    robo = memory()
    ids = [str(2 * 10**17 + number) for number in range(60)]
    names: dict[str, str] = {}
    for size in [60] + [chance.choice((1, 3, 40)) for _ in range(60)]:
        fresh = {one: f"{chance.choice(WORDS)} {chance.choice(WORDS)}"
                 for one in chance.sample(ids, size)}  # fmt: skip
        names |= fresh
        robo.names.remember(GUILD, fresh)
        one = chance.choice(ids)
        chance.choice((robo.xp.add, robo.xp.set))(GUILD, one, chance.choice((5, 7)))
        robo.members.hide(GUILD, [chance.choice(ids)])
        robo.members.hide(GUILD, [chance.choice(ids)], hidden=False)
        listed = {entry.user_id for entry in robo.leaderboard.page(GUILD, limit=60).entries}

        for text in ("ADA", "da a", "strasse", "井", "🦊", "zo", "nobody"):
            wanted = " ".join(text.casefold().split())
            assert found(robo, text) == sorted(
                (names[one], one)
                for one in listed
                if wanted in " ".join(names[one].casefold().split())
            )


def test_the_nearest_fifty_are_found() -> None:
    """Of many, those that begin with the text, the shortest first."""
    robo = memory()
    named = {str(2 * 10**17 + n): f"{'x' * (n // 100)}ada{'y' * (n % 100)}" for n in range(1500)}
    robo.names.remember(GUILD, named)
    for user_id in named:
        robo.xp.add(GUILD, user_id, 5)

    names = [one.name for one in robo.public.found(GUILD, "ada")]

    assert names == [f"ada{'y' * n}" for n in range(50)]
