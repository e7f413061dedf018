"""What the nouns about rules share: roles and channels, and what a change has to say."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, TypeAlias

from robo_xp_cli.framework.options import argument
from robo_xp_cli.nouns.shared import settings_layer as layer
from robo_xp_cli.nouns.shared.naming import KINDS, Namer
from robo_xp_cli.run import parse_values as parsers
from robo_xp_cli.show.results import One

if TYPE_CHECKING:
    from robo_xp.usecases.settings.layered import ChangeOptions, ConfigChanged
    from robo_xp_cli.run.context import Run


Role: TypeAlias = Annotated[
    str, argument("ROLE", "Id, mention or name of a role", parse=parsers.role, completes="role")
]
Channel: TypeAlias = Annotated[
    str, argument("CHANNEL", "Id, mention or name", parse=parsers.channel, completes="channel")
]


def how(run: Run, *, begins: bool = True) -> ChangeOptions:
    """What every change of the guild's settings takes from the shared options.

    With ``begins`` a guild or store may begin with it.
    """
    return layer.change_options(run, layer.layer_of(run, False), begins=begins)


def target_name(run: Run, kind: str, id_: str) -> str:
    """A ``role`` or ``channel`` in words: what it is, its name where it is known, and the id."""
    return f"{kind} {Namer(run).called(KINDS[kind], id_)}"


def change_result(run: Run, done: ConfigChanged, told: str, **values: Any) -> One:
    """What a change of settings did: ``values`` are the new ones, ``told`` says it in words."""
    from robo_xp.views.settings import RulesChanged

    data = RulesChanged(
        guild_id=run.guild_id,
        store_id=run.store_id,
        changed=done.keys,
        seq=done.seq,
        dry_run=done.dry_run,
        **values,
    )
    human = told if done.keys else "nothing changes: it is set like that already"
    return One(data.as_json(), human=human, id_key="changed", notes=layer.notes_of(done))
