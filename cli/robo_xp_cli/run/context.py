"""One invocation: what the options, the environment and the configuration file add up to.

Precedence: option, environment, configuration file, default. Everything is found out when it is
first asked for, so a command that needs no vault opens none and reads no file.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn, TextIO

from robo_xp.errors import (
    GuildNotFound,
    InvalidValue,
    NeedsConfirmation,
    NotConfigured,
    NotConfirmed,
    RoboXPError,
    StoreNotFound,
    WrongUsage,
)
from robo_xp.machine import config_file as settings_file
from robo_xp.machine.account import become_owner, check_readable
from robo_xp.machine.places import daemon_dir, default_data_dir, is_in_database
from robo_xp.text import count_text, first_of
from robo_xp_cli.run.progress import Progress, ask, leave_terminal, progress
from robo_xp_cli.show import streams
from robo_xp_cli.show.words import visible_text

if TYPE_CHECKING:
    from robo_xp import RoboXP
    from robo_xp.machine.config_file import Settings

_FEW_GUILDS = 5
_REFUSED = "robo-xp-refused"


class Untried(Exception):
    """A trial came to what only happens once: somebody is asked, or stdin is read."""


class Run:
    """The present invocation. ``given`` holds the shared options that were typed.

    ``program`` runs another command line in this process and returns its exit code.
    """

    def __init__(
        self,
        given: Mapping[str, Any],
        *,
        command: str = "",
        changes: bool = False,
        any_config: bool = False,
        keeps_root: bool = False,
        environ: Mapping[str, str] | None = None,
        program: Callable[[Sequence[str]], int] = lambda _: 0,
    ) -> None:
        self.given = given
        self.command = command
        self.changes = changes
        self.config_error: RoboXPError | None = None
        self._any_config = any_config
        self._keeps_root = keeps_root
        self.program = program
        self.environ = os.environ if environ is None else environ
        self._opened = ExitStack()
        self._robo: RoboXP | None = None
        self._committed: list[tuple[str, int]] = []
        self._has_told_new = False
        self.along: Callable[[Iterable[Any]], Iterable[Any]] = iter
        self.is_trial = False

    @cached_property
    def settings(self) -> Settings:
        """What the configuration file says.

        A command that takes any configuration gets nothing of a wrong one, and ``config_error``.
        """
        try:
            path = settings_file.find(self.named_config)
            return settings_file.load(path) if path else settings_file.Settings()
        except RoboXPError as error:
            if not self._any_config:
                raise
            self.config_error = error
            return settings_file.Settings()

    @property
    def named_config(self) -> str:
        """The configuration file that was named by option or environment, empty for none."""
        return self._typed_option("config", "ROBO_XP_CONFIG")

    @cached_property
    def vault_address(self) -> str:
        """Where the vault is: the path of a folder, which need not exist, or of a database."""
        typed = self._typed_option("data_dir", "ROBO_XP_DATA_DIR") or self.settings.data_dir
        if is_in_database(typed):
            return typed
        return str(Path(typed).expanduser() if typed else default_data_dir(self.environ))

    @property
    def is_in_database(self) -> bool:
        """Whether the vault is no folder of this machine."""
        return is_in_database(self.vault_address)

    @property
    def data_dir(self) -> Path:
        """The folder of the vault, or of its daemon where it is in a database; it need not exist.

        Whoever asks for it works as its owner.
        """
        folder = daemon_dir(self.vault_address, self.environ)
        if not self._keeps_root:
            self._become_owner(folder)
        return folder

    def _become_owner(self, folder: Path) -> None:
        """Give up root on a folder of another account; who did what stays the person's name."""
        self.by  # noqa: B018  # behind sudo it is root who knows the person
        name = become_owner(folder)
        if name is None:
            return
        check_readable(name)
        if self.verbose:
            streams.tell(
                f"working as {visible_text(name)}, who owns {visible_text(str(folder))}, "
                "and not as root"
            )

    @cached_property
    def guild_id(self) -> str:
        """The guild to work on; :class:`NotConfigured` (exit code 7) when none was given."""
        from robo_xp.model.ids import check_snowflake

        guild = self._typed_option("guild", "ROBO_XP_GUILD") or self.settings.guild
        return check_snowflake(guild, "guild") if guild else self._only_guild()

    def _only_guild(self) -> str:
        """The one guild that the vault holds; NotConfigured that lists them where it is not one."""
        advice = "add --guild ID, set ROBO_XP_GUILD, or put guild into robo-xp.toml"
        there = self.robo().stores.guild_ids()
        if len(there) == 1:
            return there[0]
        if there:
            listed = first_of(there, _FEW_GUILDS)
            advice = f"{advice}; the vault holds {listed}"
        raise NotConfigured("no guild was given", advice=advice)

    def check_there(self) -> None:
        """Raise GuildNotFound or StoreNotFound where nothing was ever stored to be looked at."""
        self.robo().stores.check_there(self.guild_id, self.store_id)

    def check_spelled(self, *, of_store: bool = True) -> None:
        """The same where defaults hold without any data: only a vault with guilds is looked at."""
        store = self.store_id if of_store else "default"
        stores = self.robo().stores
        if store != "default" or stores.guild_ids():
            stores.check_there(self.guild_id, store)

    def tell_new(self) -> None:
        """Say, once, where a change begins a guild or a store: a name may be mistyped."""
        if self.quiet or self._has_told_new:
            return
        self._has_told_new = True
        try:
            self.check_there()
        except StoreNotFound:
            streams.tell(f"new store '{self.store_id}' begins here")
        except GuildNotFound:
            streams.tell(f"new guild {self.guild_id} begins here")

    @cached_property
    def store_id(self) -> str:
        """The store to work on, ``default`` unless another was given."""
        from robo_xp.model.ids import check_store_id

        return check_store_id(
            self._typed_option("store", "ROBO_XP_STORE") or self.settings.store or "default"
        )

    @cached_property
    def output(self) -> str:
        """The output format: one of :data:`robo_xp.machine.config_file.OUTPUTS`."""
        return check_output(
            self._typed_option("output", "ROBO_XP_OUTPUT") or self.settings.output or "table"
        )

    @cached_property
    def fields(self) -> tuple[str, ...]:
        """The fields asked for with ``--fields``, in that order; empty for all."""
        names = [name.strip() for name in self.given.get("fields", "").split(",")]
        if "fields" in self.given and not all(names):
            raise InvalidValue("--fields needs names with commas between them, such as a,b")
        return tuple(dict.fromkeys(name for name in names if name))

    @cached_property
    def color(self) -> bool:
        """Whether stdout gets colours."""
        if self.settings.color == "always":
            return not (self.given.get("no_color") or self.environ.get("NO_COLOR"))
        return self.settings.color != "never" and may_color(self.given, self.environ)

    @property
    def for_people(self) -> bool:
        """Whether the result is drawn: at a terminal, or wherever a table was asked for."""
        is_asked = bool(self._typed_option("output", "ROBO_XP_OUTPUT"))
        return self.output == "table" and (is_asked or streams.is_terminal(sys.stdout))

    @property
    def quiet(self) -> bool:
        """Whether notes, and results of changes, are left out."""
        return bool(self.given.get("quiet"))

    @property
    def verbose(self) -> bool:
        """Whether to say what happens besides."""
        return bool(self.given.get("verbose"))

    @property
    def dry_run(self) -> bool:
        """Whether the change is only to be shown."""
        return self.changes and (self.is_trial or bool(self.given.get("dry_run")))

    def begin_once(self) -> None:
        """Return unless this is a trial, which may not do what follows."""
        if self.is_trial:
            raise Untried

    @property
    def yes(self) -> bool:
        """Whether questions count as answered with yes."""
        return bool(self.given.get("yes"))

    @property
    def reason(self) -> str | None:
        """The reason given for a change."""
        return self.given.get("reason")

    @cached_property
    def by(self) -> str:
        """Who changes something, as the journal names them: ``cli:`` and the login name."""
        return f"cli:{login_name(self.environ)}"

    def robo(self, *, to_mend: bool = False, archive_days: int | None = None) -> RoboXP:
        """The vault, opened once and closed when the command has ended.

        ``to_mend`` opens it also where the format of the folder cannot be read; ``archive_days``
        counts instead of the configuration file.
        """
        if self._robo is None:
            from robo_xp import RoboXP
            from robo_xp.machine.curve_code import curve_code

            if not self.is_in_database:
                self.data_dir  # noqa: B018  # whoever asks becomes its owner
            days = self.settings.archive_days
            opened = RoboXP.open(
                self.vault_address,
                durability=self.settings.durability or "batch",
                curve_for=curve_code(self.settings.get_curve, self.settings.path),
                to_mend=to_mend,
                archive_days=days if archive_days is None else archive_days,
            )
            self._robo = self._opened.enter_context(opened).acting_as(
                self.by, self.command, along=self.along
            )
            self._robo.vault.listeners.append(
                lambda name, batch: self._committed.append((name, batch.seq))
            )
            for line in self._robo.taken_up:
                streams.tell(visible_text(line))
        return self._robo

    @property
    def has_vault(self) -> bool:
        """Whether the vault is open already."""
        return self._robo is not None

    def stdin(self) -> TextIO:
        """Stdin as UTF-8 text, with or without a byte order mark, else InvalidValue."""
        import codecs
        import io

        self.begin_once()
        if sys.stdin is None:
            raise InvalidValue("stdin is closed, so there is nothing to read")
        if streams.is_terminal(sys.stdin) and not self.quiet:
            leave_terminal()
            streams.tell("reading from the terminal; end with Ctrl-D")
        buffer = getattr(sys.stdin, "buffer", None)
        if buffer is None:
            return sys.stdin
        codecs.register_error(_REFUSED, _refuse)
        return io.TextIOWrapper(buffer, encoding="utf-8-sig", errors=_REFUSED, newline="")

    def progress(self, total: int | None, label: str) -> AbstractContextManager[Progress]:
        """A progress bar on stderr for work that takes longer than half a second."""
        return progress(total, label, quiet=self.quiet)

    def tell_committed(self) -> None:
        """Say what was committed, where anything was, to whoever stopped the command."""
        if self._committed:
            name, seq = self._committed[-1]
            streams.tell(
                f"stopped; {count_text(len(self._committed), 'change')} made before that will stay,"
                f" the last is batch {seq} of {name}: see 'robo-xp history'"
            )

    def close(self) -> None:
        """Close the vault if it was opened."""
        self._opened.close()
        self._robo = None

    def _typed_option(self, option: str, variable: str) -> str:
        return self.given.get(option) or self.environ.get(variable) or ""


def confirm(run: Run, question: str) -> None:
    """Return if the operator agrees to what cannot be taken back; raise (exit code 4) if not.

    A dry run asks nothing, ``--yes`` answers, and without a terminal to ask on it is refused.
    """
    if run.dry_run or run.yes:
        return
    if not (streams.is_terminal(sys.stdin) and streams.is_terminal(sys.stderr)):
        raise NeedsConfirmation(f"{visible_text(question)} This needs a yes.")
    answer = ask(f"{visible_text(question)} [y/N] ")
    if answer.strip().lower() not in ("y", "yes"):
        raise NotConfirmed("not confirmed, so nothing was changed")


def _refuse(error: UnicodeError) -> NoReturn:
    """What decoding stdin does with bytes that are no text."""
    raise InvalidValue("stdin is not UTF-8 text", advice="save it as UTF-8") from error


def may_color(given: Mapping[str, Any], environ: Mapping[str, str]) -> bool:
    """Whether stdout can show colours and nobody asked to leave them out."""
    if given.get("no_color") or environ.get("NO_COLOR") or environ.get("TERM") == "dumb":
        return False
    return streams.is_terminal(sys.stdout)


def check_output(name: str) -> str:
    """``name`` if it is an output format; an error (exit code 2) that lists them if not."""
    if name in settings_file.OUTPUTS:
        return name
    raise WrongUsage(
        f"'{visible_text(name)}' is not an output format",
        advice=f"use one of {', '.join(settings_file.OUTPUTS)}",
    )


def login_name(environ: Mapping[str, str]) -> str:
    """The name of the account; behind sudo the one of the person."""
    import pwd

    user_id = os.getuid()
    if user_id == 0 and environ.get("SUDO_USER"):
        return environ["SUDO_USER"]
    try:
        return pwd.getpwuid(user_id).pw_name
    except KeyError:  # a container may run under a number that has no name
        return str(user_id)
