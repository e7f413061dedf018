"""The layer of settings that a command works on: a store of the guild, or the global defaults."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, TypeAlias, TypedDict

from robo_xp_cli.framework.options import option

if TYPE_CHECKING:
    from robo_xp.usecases.settings.layered import ChangeOptions, ConfigChanged
    from robo_xp_cli.run.context import Run

Everywhere: TypeAlias = Annotated[
    bool, option("--global", help="The defaults of all guilds instead of one guild")
]


class StoreOption(TypedDict, total=False):
    """The store that a use case works on, where it is not the default one."""

    store: str


@dataclass(frozen=True, slots=True)
class Layer:
    """Where settings are read and set; ``guild_id`` is None for the global defaults.

    ``store_id`` is None where stores share the settings.
    """

    guild_id: str | None
    store_id: str | None = None

    @property
    def ids(self) -> dict[str, Any]:
        """The keys of a JSON result that say where it holds."""
        if self.store_id is None:
            return {"guildId": self.guild_id}
        return {"guildId": self.guild_id, "storeId": self.store_id}

    @property
    def store(self) -> StoreOption:
        """The store, as use cases take it."""
        return {} if self.store_id is None else {"store": self.store_id}

    @property
    def name(self) -> str:
        """The layer in words."""
        if self.guild_id is None:
            return "the global defaults"
        store = "" if self.store_id is None else f", store {self.store_id}"
        return f"guild {self.guild_id}{store}"


def layer_of(run: Run, is_global: bool, *, has_stores: bool = True) -> Layer:
    """The layer that was asked for; NotConfigured (exit code 7) where a guild is missing.

    A command that only reads raises GuildNotFound or StoreNotFound for one that is mistyped.
    """
    if is_global:
        return Layer(None)
    if not run.changes:
        run.check_spelled(of_store=has_stores)
    return Layer(run.guild_id, run.store_id if has_stores else None)


def change_options(run: Run, layer: Layer, *, begins: bool = True) -> ChangeOptions:
    """What every change of settings takes from the shared options.

    A guild or store that begins with it is told of; one that is only taken from has to be there.
    """
    if layer.guild_id is not None and not begins:
        run.check_spelled(of_store=layer.store_id is not None)
    elif layer.guild_id is not None and layer.store_id is not None:
        run.tell_new()
    return {"reason": run.reason, "dry_run": run.dry_run, **layer.store}


def notes_of(changed: ConfigChanged) -> list[str]:
    """What to say on stderr about a change: doubtful settings, and stores that stayed behind."""
    from robo_xp.settings import giveaway, xp

    holds = changed.effective
    warnings = [*xp.warnings_of(holds), *giveaway.warnings_of(holds)]
    notes = [f"careful: {warning}" for warning in warnings]
    for one in changed.behind:
        again = f"robo-xp xp recalc --all --guild {one.guild_id} --store {one.store_id}"
        notes.append(
            f"guild {one.guild_id}, store {one.store_id} keeps its levels: {one.error.message};"
            f" when that is mended, run: {again}"
        )
    return notes


def exit_code_of(changed: ConfigChanged) -> int:
    """0, or the exit code of the first store that could not follow a change."""
    return changed.behind[0].error.exit_code if changed.behind else 0
