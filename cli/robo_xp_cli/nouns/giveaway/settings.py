"""``robo-xp giveaway settings``: what new giveaways start with, and their limits."""

from __future__ import annotations

from robo_xp.settings.giveaway import GIVEAWAY
from robo_xp_cli.framework.declare import Noun
from robo_xp_cli.nouns.config.verbs import SettingsVerbs

app = Noun("settings", "What giveaways start with, and their limits", "giveaway settings")
_VERBS = SettingsVerbs(
    GIVEAWAY, lambda robo: robo.giveaways.settings, "giveaway settings", has_stores=False
)
_VERBS.add_to(
    app,
    (
        "robo-xp giveaway settings set defaults.winners 3",
        "robo-xp giveaway settings set hostRoleIds 123456789012345678",
        "robo-xp giveaway settings set bonusEntries.123456789012345678 5",
    ),
)
app.verb("reset", changes=True, examples=("robo-xp giveaway settings reset limits.maxWinners",))(
    _VERBS.reset
)
