"""What the nouns about rules share: ids of roles and channels, and what a change has to say."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Annotated, Any, TypeAlias

from robo_xp.errors import InvalidId
from robo_xp.model.ids import is_snowflake
from robo_xp_cli.framework.options import argument
from robo_xp_cli.nouns.shared import settings_layer as layer
from robo_xp_cli.show.results import One
from robo_xp_cli.show.words import shown

if TYPE_CHECKING:
    from robo_xp.usecases.settings.layered import ChangeOptions, ConfigChanged
    from robo_xp_cli.run.context import Run


def id_of(what: str, mark: str) -> Callable[[str], str]:
    """A parser for an id, plain or as a mention such as ``<@&…>`` for the mark ``@&``."""
    mention = re.compile(f"<{re.escape(mark)}([0-9]+)>")

    def parse(text: str) -> str:
        written = text.strip()
        found = mention.fullmatch(written)
        id_ = found.group(1) if found else written
        if not is_snowflake(id_):
            raise InvalidId(f"'{shown(text)}' is not the id of a {what}")
        return id_

    return parse


Role: TypeAlias = Annotated[
    str, argument("ROLE", "Id or mention of a role", parse=id_of("role", "@&"))
]
Channel: TypeAlias = Annotated[
    str, argument("CHANNEL", "Id or mention of a channel", parse=id_of("channel", "#"))
]


def how(run: Run) -> ChangeOptions:
    """What every change of the guild's settings takes from the shared options."""
    return layer.change_options(run, layer.layer_of(run, False))


def changed(run: Run, done: ConfigChanged, values: Mapping[str, Any], told: str) -> One:
    """What a change of settings did: ``values`` are the new ones, ``told`` says it in words."""
    data = {
        "guildId": run.guild_id,
        "storeId": run.store_id,
        "changed": list(done.keys),
        **values,
        "seq": done.seq,
        "dryRun": done.dry_run,
    }
    human = told if done.keys else "nothing changes: it is set like that already"
    return One(data, human=human, id_key="changed", notes=layer.notes_of(done))
