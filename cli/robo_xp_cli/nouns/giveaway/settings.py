"""``robo-xp giveaway settings``: what new giveaways start with, and their limits."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Any

from robo_xp.errors import WrongUsage
from robo_xp_cli.framework.declare import Noun
from robo_xp_cli.framework.options import argument, option
from robo_xp_cli.nouns.giveaway import typed as giveaway_input
from robo_xp_cli.nouns.shared import settings_layer as layer
from robo_xp_cli.run import parse_values as values
from robo_xp_cli.show.results import Column, One, Result, Rows

if TYPE_CHECKING:
    from robo_xp.usecases.settings.giveaways import GiveawaySettingsChanged
    from robo_xp_cli.run.context import Run

app = Noun("settings", "What giveaways start with, and their limits", "giveaway settings")

_LISTS = ("restrictions.allowRoleIds", "restrictions.denyRoleIds", "hostRoleIds")
_TEXTS = ("defaults.duration", "defaults.buttonLabel")
_KEYS = """

The keys: defaults.winners, defaults.duration, defaults.buttonLabel, defaults.dmWinners,
limits.maxWinners, limits.maxDurationDays, restrictions.allowRoleIds, restrictions.denyRoleIds,
restrictions.minAccountAgeDays, hostRoleIds, recheckAtDraw, bonusEntries.ROLE."""


@app.verb("show", examples=("robo-xp giveaway settings show",))
def show(
    run: Run,
    own: Annotated[bool, option("--own", help="Only what was set here itself")] = False,
    is_global: layer.Everywhere = False,
) -> Result:
    """Show all settings of giveaways with the layer that each comes from."""
    from robo_xp.settings.giveaway_settings import leaves_of

    settings = run.robo().giveaways.settings
    guild_id = None if is_global else run.guild_id
    document = settings.own(guild_id) if own else settings.get(guild_id)
    return One(
        document,
        table=Rows(
            (Column("key", "setting"), "value", Column("source", "set by")),
            [_row(run, guild_id, key) for key in leaves_of(document)],
            id_key="key",
            empty="nothing is set here",
        ),
    )


@app.verb(
    "set",
    changes=True,
    help="Set one setting: JSON or plain text, several values for a list." + _KEYS,
    examples=(
        "robo-xp giveaway settings set defaults.winners 3",
        "robo-xp giveaway settings set hostRoleIds 123456789012345678",
        "robo-xp giveaway settings set bonusEntries.123456789012345678 5",
    ),
)
def set_key(
    run: Run,
    key: Annotated[
        str,
        argument("KEY", "Dotted key, such as limits.maxWinners", completes="giveaway-setting"),
    ],
    words: Annotated[list[str], argument("VALUE", "JSON or plain text; '[]' for an empty list")],
    is_global: layer.Everywhere = False,
) -> Result:
    """Set one setting."""
    guild_id = None if is_global else run.guild_id
    changed = run.robo().giveaways.settings.change_key(
        guild_id, key, _typed(key, words), reason=run.reason, dry_run=run.dry_run
    )
    return _changed(run, guild_id, changed)


@app.verb("reset", changes=True, examples=("robo-xp giveaway settings reset limits.maxWinners",))
def reset(
    run: Run,
    key: Annotated[
        str | None, argument("KEY", "Which one, else all of them", completes="giveaway-setting")
    ] = None,
    is_global: layer.Everywhere = False,
) -> Result:
    """Let a setting, a group of them, or all of them follow the layer below again."""
    guild_id = None if is_global else run.guild_id
    changed = run.robo().giveaways.settings.reset(
        guild_id, key, reason=run.reason, dry_run=run.dry_run
    )
    return _changed(run, guild_id, changed)


def _typed(key: str, words: Sequence[str]) -> Any:
    """The value that the words mean for this key."""
    if key in _LISTS and not words[0].startswith("["):
        return list(words)
    if key == "bonusEntries" and not words[0].startswith("{"):
        found = map(giveaway_input.bonus_of, words)
        return {bonus.role_id: bonus.more for bonus in found}
    if len(words) > 1:
        raise WrongUsage(f"{key} takes one value, not {len(words)}")
    return words[0] if key in _TEXTS else values.json_or_text(words[0])


def _row(run: Run, guild_id: str | None, key: str) -> dict[str, Any]:
    found = run.robo().giveaways.settings.explain(guild_id, key)
    return {"key": found.key, "value": found.value, "source": found.source}


def _changed(run: Run, guild_id: str | None, changed: GiveawaySettingsChanged) -> Result:
    data = {
        "guildId": guild_id,
        "keys": list(changed.keys),
        "settings": changed.effective,
        "seq": changed.seq,
        "dryRun": changed.dry_run,
    }
    leaves = _values(changed)
    human = [(key, leaves.get(key, "not set")) for key in changed.keys]
    notes = [] if changed.keys else ["that is what it was before"]
    return One(data, human=human, id_key="keys", notes=notes)


def _values(changed: GiveawaySettingsChanged) -> dict[str, Any]:
    from robo_xp.settings.giveaway_settings import leaves_of

    return leaves_of(changed.effective)
