"""``robo-xp config``: the settings of a guild, and the defaults of all guilds.

The same verbs serve settings of every sort; see :class:`SettingsVerbs`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Annotated, Any, TypeAlias

from robo_xp.errors import InvalidConfig, WrongUsage
from robo_xp.model.outbox import ANNOUNCEMENT, ROLES
from robo_xp.settings.table import Table
from robo_xp.settings.xp import XP
from robo_xp_cli.framework.declare import Noun, noun
from robo_xp_cli.framework.options import argument, option
from robo_xp_cli.nouns.config import documents, guild_file, typed, views
from robo_xp_cli.nouns.shared import outlook, refusals
from robo_xp_cli.nouns.shared import settings_layer as layer
from robo_xp_cli.run.names import id_in_setting
from robo_xp_cli.show import streams
from robo_xp_cli.show.results import One, Result, Text

if TYPE_CHECKING:
    from robo_xp import RoboXP
    from robo_xp.usecases.settings.layered import Layered
    from robo_xp_cli.run.context import Run

Key: TypeAlias = Annotated[
    str, argument("KEY", "Dotted key; see 'config explain'", completes="setting")
]
Words: TypeAlias = Annotated[
    list[str],
    argument("VALUE", "JSON or plain text; '[]' for an empty list", completes="setting-value"),
]


@dataclass(frozen=True, slots=True)
class SettingsVerbs:
    """The verbs for settings of one sort: their table, and their use case in a vault.

    ``command`` is how they are called; with ``has_stores`` each store has settings of its own.
    """

    fields: Table
    of: Callable[[RoboXP], Layered]
    command: str
    has_stores: bool

    def show(
        self,
        run: Run,
        effective: Annotated[bool, option("--effective", help="What holds (the default)")] = False,
        own: Annotated[bool, option("--own", help="Only what was set here itself")] = False,
        is_global: layer.Everywhere = False,
    ) -> Result:
        """Show all settings with the layer that each comes from."""
        if effective and own:
            raise WrongUsage("--effective and --own contradict each other")
        where, settings = self._where(run, is_global), self.of(run.robo())
        explain = settings.explain_all if run.verbose else settings.explain_values
        mine = "global" if is_global else "guild"
        explained = [
            one for one in explain(where.guild_id, **where.store) if not own or one.source == mine
        ]
        if run.verbose:
            return views.meanings(run, self.fields, explained, where)
        document = (settings.own if own else settings.get)(where.guild_id, **where.store)
        notes = (
            []
            if where.guild_id is None
            else refusals.notes_of(run, refusals.refusals_of(run, ROLES, ANNOUNCEMENT))
        )
        return One(document, table=views.settings(run, explained, where), notes=notes)

    def get(self, run: Run, key: Key, is_global: layer.Everywhere = False) -> Result:
        """Show one setting and the layer that it comes from."""
        where, key = self._where(run, is_global), self._key(run, key)
        found = self.of(run.robo()).explain(key, where.guild_id, **where.store)
        called = views.called_in(run, where)
        read = partial(typed.read_all, self.fields, key, found.value, called)
        return One(
            {"key": found.key, "value": found.value, "source": found.source},
            human=lambda: [*read(), ("set by", found.source)],
            id_key="value",
        )

    def explain(
        self,
        run: Run,
        key: Annotated[
            str | None, argument("KEY", "Which one, else all of them", completes="setting")
        ] = None,
        is_global: layer.Everywhere = False,
    ) -> Result:
        """Say what a setting means: what it takes, its default, what holds and who set it."""
        where, settings = self._where(run, is_global), self.of(run.robo())
        if key is None:
            explained = settings.explain_all(where.guild_id, **where.store)
            return views.meanings(run, self.fields, explained, where)
        explained_one = settings.explain(self._key(run, key), where.guild_id, **where.store)
        return views.explained_one(run, self.fields, explained_one, where)

    def set_key(
        self, run: Run, key: Key, words: Words, is_global: layer.Everywhere = False
    ) -> Result:
        """Set one setting: JSON or plain text, several values for a list."""
        where, key = self._where(run, is_global), self._key(run, key)
        value = typed.typed_value(self.fields, key, words, partial(id_in_setting, run))
        self._refuse_dangerous(run, where, {key: value})
        changed = self.of(run.robo()).change_key(
            where.guild_id, key, value, **layer.change_options(run, where)
        )
        return views.change_result(run, self.fields, where, changed)

    def unset(self, run: Run, key: Key, is_global: layer.Everywhere = False) -> Result:
        """Let a setting, or a group of them, follow the layer below again."""
        return self.reset(run, key, is_global)

    def reset(
        self,
        run: Run,
        key: Annotated[
            str | None, argument("KEY", "Which one, else all of them", completes="setting")
        ] = None,
        is_global: layer.Everywhere = False,
    ) -> Result:
        """Another word for unset; without KEY all settings follow the layer below again."""
        where = self._where(run, is_global)
        changed = self.of(run.robo()).unset_key(
            where.guild_id,
            key and self._key(run, key),
            **layer.change_options(run, where, begins=False),
        )
        return views.change_result(run, self.fields, where, changed)

    def edit(self, run: Run, is_global: layer.Everywhere = False) -> Result:
        """Open the settings that are set here in an editor ($VISUAL, $EDITOR), as TOML.

        What is wrong is named, and can be mended at once; what others set meanwhile stays.
        """
        from robo_xp_cli.nouns.config import editor

        run.begin_once()
        where, settings = self._where(run, is_global), self.of(run.robo())
        program = editor.editor_of(run.environ, self.command)
        before = settings.own(where.guild_id, **where.store)
        explained = settings.explain_values(where.guild_id, **where.store)

        def check(document: Mapping[str, Any]) -> None:
            if faults := settings.validate(document):
                raise InvalidConfig(faults)

        page = editor.page(self.fields.leaves_of(before), explained, where)
        after = editor.edited_document(page, check, program)
        self._refuse_dangerous(run, where, after)
        changed = settings.rebase(where.guild_id, before, after, **layer.change_options(run, where))
        return views.change_result(run, self.fields, where, changed)

    def export(
        self,
        run: Run,
        form: Annotated[str, option("--format", help="Format", choices=("json", "toml"))] = "json",
        is_global: layer.Everywhere = False,
    ) -> Result:
        """Write the settings that are set here as a document that import reads."""
        where = self._where(run, is_global)
        own = self.of(run.robo()).own(where.guild_id, **where.store)
        as_toml = form == "toml"
        written = (
            documents.as_toml(self.fields.leaves_of(own)) if as_toml else documents.as_json(own)
        )
        return Text(written if streams.is_utf8() else documents.in_ascii(written), data=own)

    def import_file(
        self,
        run: Run,
        file: Annotated[str, argument("FILE", "JSON or TOML; - for stdin", completes="file")],
        replace: Annotated[
            bool, option("--replace", help="Unset what the document does not say")
        ] = False,
        is_global: layer.Everywhere = False,
    ) -> Result:
        """Set all settings of a document and keep the others; one fault, and nothing is stored."""
        where = self._where(run, is_global)
        document = documents.load(run, file)
        self._refuse_dangerous(run, where, document)
        changed = self.of(run.robo()).put(
            where.guild_id, document, exact=replace, **layer.change_options(run, where)
        )
        return views.change_result(run, self.fields, where, changed)

    def add_to(self, app: Noun, set_examples: tuple[str, ...]) -> None:
        """Give the noun these verbs."""
        name, keys = f"robo-xp {self.command}", ", ".join(self.fields.known_keys)
        first = set_examples[0].split()[-2]
        app.verb("show", examples=(f"{name} show", f"{name} show --own --json"))(self.show)
        app.verb("get", examples=(f"{name} get {first}",))(self.get)
        app.verb("explain", examples=(f"{name} explain", f"{name} explain {first}"))(self.explain)
        about = f"{self.set_key.__doc__}\n\nThe keys: {keys}."
        app.verb("set", changes=True, help=about, examples=set_examples)(self.set_key)
        app.verb("unset", changes=True, examples=(f"{name} unset {first}",))(self.unset)
        app.verb("edit", changes=True, examples=(f"{name} edit",))(self.edit)
        toml = "settings.toml"
        app.verb("export", examples=(f"{name} export --format toml > {toml}",))(self.export)
        app.verb("import", changes=True, examples=(f"{name} import {toml} --dry-run",))(
            self.import_file
        )

    def _refuse_dangerous(self, run: Run, where: layer.Layer, document: Mapping[str, Any]) -> None:
        own = self.of(run.robo()).own(where.guild_id, **where.store)
        outlook.refuse_dangerous_in(run, where.guild_id, document, own)

    def _key(self, run: Run, key: str) -> str:
        return typed.key_with_id(self.fields, key, partial(id_in_setting, run))

    def _where(self, run: Run, is_global: bool) -> layer.Layer:
        return layer.layer_of(run, is_global, has_stores=self.has_stores)


app = noun("config", "Settings of a guild and their defaults")
SettingsVerbs(XP, lambda robo: robo.config, "config", has_stores=True).add_to(
    app,
    (
        "robo-xp config set cooldownSeconds 30",
        "robo-xp config set noXpChannelIds 123456789012345678 123456789012345679",
        "robo-xp config set roleRewards 5=123456789012345678 20=123456789012345679",
        "robo-xp config set theme.embedColor '#ff8800' --global",
    ),
)
app.verbs.update(guild_file.app.verbs)
