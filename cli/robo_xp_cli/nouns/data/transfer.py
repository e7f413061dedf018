"""Import from other bots and files, export to files."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from robo_xp.collector import collector_at_rest
from robo_xp.errors import InvalidValue
from robo_xp.text import count_text
from robo_xp_cli.framework.declare import noun
from robo_xp_cli.framework.options import argument, option
from robo_xp_cli.nouns.data import imported
from robo_xp_cli.nouns.giveaway.foreign import problems, taken_over
from robo_xp_cli.nouns.shared import files as written_files
from robo_xp_cli.nouns.shared import members as people
from robo_xp_cli.nouns.shared.foreign_files import documents_of
from robo_xp_cli.run.context import Run, confirm
from robo_xp_cli.show import lines as render_text
from robo_xp_cli.show import streams
from robo_xp_cli.show.results import Column, One, Record, Result, Text
from robo_xp_cli.show.words import quoted, visible_text

if TYPE_CHECKING:
    from robo_xp.usecases.settings.layered import ChangeOptions, ConfigChanged
    from robo_xp.usecases.transfer.entry import Reading
    from robo_xp.usecases.transfer.foreign_giveaways import GiveawaysRead
    from robo_xp.usecases.transfer.merge import Keep, Merge
    from robo_xp.usecases.transfer.use import Imported, ImportOptions, ReadOptions
    from robo_xp.views import transfer as views

app = noun("", "Members in and out")

SOURCES = (
    "auto", "mee6", "lumistra", "experienced", "polaris", "levelup", "red-leveler", "lurkr",
    "amari", "tatsu", "arcane", "discord-xp", "quickdb", "enmap", "keyv", "robojs", "tinydb",
    "json", "csv",
)  # fmt: skip
_PARTS = ("settings", "rewards", "giveaways")
_SKIPPED = 4


def parts_of(text: str) -> frozenset[str]:
    """The parts of ``settings,rewards``."""
    parts = frozenset(part.strip() for part in text.split(",") if part.strip())
    if not parts or parts - {*_PARTS}:
        raise InvalidValue(f"{quoted(text)} is none of {', '.join(_PARTS)}")
    return parts


def names_in(text: str) -> frozenset[str]:
    """The names in a list with commas."""
    return frozenset(part.strip() for part in text.split(",") if part.strip())


@app.verb(
    "import",
    changes=True,
    examples=(
        "robo-xp import auto leaderboard.json --dry-run",
        "robo-xp import mee6 page-*.json --with settings,rewards --yes",
        "robo-xp import csv members.csv --merge replace --yes",
        "robo-xp import quickdb json.sqlite --key 'xp_{guild}_{user}' --yes",
        "robo-xp export | robo-xp import auto - --store test --yes",
    ),
)
def import_members(
    run: Run,
    source: Annotated[
        str, argument("SOURCE", "Where the files are from; auto finds out", choices=SOURCES)
    ],
    files: Annotated[
        list[str], argument("FILE", "Files, a Robo.js folder, or - for stdin", completes="file")
    ],
    merge: Annotated[
        str,
        option("--merge", help="Where a member has XP already", choices=("add", "max", "replace")),
    ] = "max",
    keep: Annotated[
        str,
        option("--keep", help="What is taken over as it is", choices=("xp", "level")),
    ] = "xp",
    along: Annotated[
        frozenset[str] | None,
        option(
            "--with",
            help="Also settings, rewards; giveaways of Robo.js",
            metavar="PARTS",
            parse=parts_of,
        ),
    ] = None,
    curve: Annotated[
        str | None,
        option("--curve", help="The curve that the file's levels are of", metavar="CURVE"),
    ] = None,
    xp_in_level: Annotated[
        bool, option("--xp-in-level", help="XP in the file start from 0 at each level")
    ] = False,
    from_guild: Annotated[
        str | None,
        option("--from-guild", help="Take what the file says of this guild", metavar="ID"),
    ] = None,
    key: Annotated[
        str | None,
        option("--key", help="How keys are built, as xp_{guild}_{user}", metavar="PATTERN"),
    ] = None,
    table: Annotated[
        str | None, option("--table", help="Which table of a database", metavar="NAME")
    ] = None,
    stores: Annotated[
        frozenset[str] | None,
        option(
            "--stores", help="Names of stores in a Robo.js folder", metavar="A,B", parse=names_in
        ),
    ] = None,
    skip_bad: Annotated[
        bool, option("--skip-bad", help="Exit 0 although some entries were skipped")
    ] = False,
) -> Result:
    """Read members from another bot's files, a table, or an export.

    On a terminal the changes are shown before anything is stored, with the levels that the file
    says beside those that members would get. All files are one change, which ``undo`` takes back;
    settings that come along are one more. An entry that cannot be used is skipped and listed with
    its line (in JSON files: its place), and the exit code is 4 then. If levels are kept, XP are
    worked out for the curve that holds here.

    A CSV file needs a header with userId and xp; level, messages, xpMessages, lastAwardedAt and
    name are read where there are such columns.
    """
    typed: ReadOptions = {
        "from_guild": from_guild,
        "curve": curve,
        "key": key,
        "table": table,
        "stores": sorted(stores or ()),
    }
    what: Keep = "level" if keep == "level" else "xp"
    work = _Work(run, along or frozenset(), _merge(merge), what, xp_in_level, skip_bad)
    with collector_at_rest():
        giveaways = _Giveaways.of(run, files, from_guild) if "giveaways" in work.along else None
        return _import_result(work, _readings(run, source, files, typed), giveaways)


def _import_result(
    work: _Work, readings: dict[str, Reading], giveaways: _Giveaways | None
) -> Result:
    """Show, ask, import; what came of it."""
    run = work.run
    names = {**people.names_of(run), **imported.names_in(list(readings.values()))}
    if not (run.dry_run or run.yes):
        _preview(work, work.carry_out(readings, dry_run=True), names)
        confirm(run, f"Import this into store {', '.join(readings)} of guild {run.guild_id}?")
    done = work.carry_out(readings, dry_run=run.dry_run)
    first, *others = done
    more: dict[str, Any] = {"stores": [one.view() for one in others]} if others else {}
    notes = [note for one in done for note in (*one.problems(work.merge), *one.ways_back(run))]
    if giveaways is not None:
        more["giveaways"], told = giveaways.take_over(run)
        notes += told
    return One(
        first.view(**more).as_json(),
        human=[pair for one in done for pair in one.summary(len(done) > 1)],
        table=imported.table(first.members, names) if run.dry_run and run.for_people else None,
        id_key="seq",
        exit_code=_SKIPPED if not work.skip_bad and any(one.members.skipped for one in done) else 0,
        notes=notes,
    )


@app.verb(
    "export",
    examples=("robo-xp export > guild.json", "robo-xp export members.csv --force"),
)
def export(
    run: Run,
    file: Annotated[str, argument("FILE", "Where to, or - for stdout", completes="file")] = "-",
    kind: Annotated[
        str | None,
        option("--format", help="Kind of the file, else as its name ends", choices=("json", "csv")),
    ] = None,
    force: Annotated[bool, option("--force", help="Replace FILE if it is there")] = False,
) -> Result:
    """Write the members of a store, for ``import`` or for a spreadsheet."""
    from robo_xp.usecases.transfer.export import EXPORT_COLUMNS

    run.check_spelled()
    document = run.robo().transfer.document(run.guild_id, store=run.store_id)
    members = document["members"]
    is_csv = run.output == "csv" or Path(file).suffix.lower() == ".csv"
    kind = kind or ("csv" if is_csv else "json")
    if kind == "csv":
        text = "".join(
            render_text.csv(EXPORT_COLUMNS, run.along(members), clean=render_text.csv_clean)
        )
    else:
        text = _pretty(document, run.along(members))
    if file == "-":
        return Text(text, data=document if kind == "json" else None)
    path = Path(file)
    written_files.check_free(file, force=force)
    from robo_xp.machine.whole_file import write_whole

    size = write_whole(path, text)
    if run.quiet:
        return None
    from robo_xp.views.transfer import Exported

    data = Exported(file, kind, len(members), size).as_json()
    return One(data, human=f"{count_text(len(members), 'member')} written to {file}")


def _readings(run: Run, source: str, files: list[str], typed: ReadOptions) -> dict[str, Reading]:
    """What the files say, by store."""
    with run.progress(None, "Reading") as counting:
        typed["step"] = counting.step
        documents = documents_of(run, files)
        return run.robo().transfer.read(
            run.guild_id, source, documents, store=run.store_id, **typed
        )


@dataclass(frozen=True, slots=True)
class _Done:
    """What became of one store: its members, and its settings where they came along."""

    store: str
    reading: Reading
    members: Imported
    settings: ConfigChanged | None
    brings_curve: bool

    def view(self, **more: Any) -> views.Imported:
        """All of it, and ``more``."""
        from robo_xp.views import transfer as views

        reading, settings = self.reading, self.settings
        if settings is not None:
            left_out = reading.settings.left_out
            more["settings"] = views.SettingsTaken(settings.keys, left_out, settings.seq)
        return views.Imported.of(self.members, source=reading.source, store_id=self.store, **more)

    def summary(self, is_one_of_many: bool) -> list[tuple[str, Any]]:
        """The counts for people."""
        head = [("store", self.store)] if is_one_of_many else []
        return [*head, *imported.summary(self.members, self.reading)]

    def problems(self, merge: str) -> list[str]:
        """What a person should know about it."""
        return [
            *imported.problems(
                self.members, self.reading, merge, self.store, brings_curve=self.brings_curve
            ),
            *imported.settings_told(self.settings, self.reading),
        ]

    def ways_back(self, run: Run) -> list[str]:
        """How to take it back."""
        where = imported.of_store(self.store)
        settings = None if self.settings is None else self.settings.seq
        undos = [
            f"robo-xp undo {seq}{where}" for seq in (self.members.seq, settings) if seq is not None
        ]
        return [f"to take it back: {', then '.join(undos)}"] if undos else []


@dataclass(frozen=True, slots=True)
class _Giveaways:
    """The giveaways in a Robo.js folder, and the settings for them."""

    read: GiveawaysRead
    settings: Mapping[str, Any]

    @classmethod
    def of(cls, run: Run, files: list[str], from_guild: str | None) -> _Giveaways:
        """Those of the guild in the files."""
        from robo_xp.usecases.transfer.foreign_giveaways import giveaways_in, settings_in

        documents = documents_of(run, files)
        guild = from_guild or run.guild_id
        return cls(giveaways_in(documents, guild), settings_in(documents[0], guild))

    def take_over(self, run: Run) -> tuple[views.GiveawaysImported, list[str]]:
        """Import them; what that did, and the same for people."""
        from robo_xp.views import transfer as views

        how: ChangeOptions = {"reason": run.reason, "dry_run": run.dry_run}
        settings = run.robo().giveaways.settings.put(run.guild_id, self.settings, **how)
        done = taken_over(run, self.read, dry_run=run.dry_run)
        told = f"giveaways: {done.ended} are history now, {done.active} go on here"
        taken = views.SettingsTaken(settings.keys)
        return views.GiveawaysImported.of(done, settings=taken), [told, *problems(done)]


def _merge(word: str) -> Merge:
    """The word as the use case types it; the choices were checked while parsing."""
    return "add" if word == "add" else "replace" if word == "replace" else "max"


@dataclass(frozen=True, slots=True)
class _Work:
    """How all stores are imported."""

    run: Run
    along: frozenset[str]
    merge: Merge
    keep: Keep
    xp_in_level: bool
    skip_bad: bool

    def carry_out(self, readings: dict[str, Reading], *, dry_run: bool) -> list[_Done]:
        """Import each store, or show what that would do."""
        total = sum(len(reading.entries) for reading in readings.values())
        with self.run.progress(total, "Comparing" if dry_run else "Importing") as counting:
            return [
                self._store(store, reading, counting.step, dry_run=dry_run)
                for store, reading in readings.items()
            ]

    def _store(
        self, store: str, reading: Reading, step: Callable[[], object], *, dry_run: bool
    ) -> _Done:
        """Settings first, since levels follow from them; then the members."""
        run, transfer = self.run, self.run.robo().transfer
        part = self._settings(reading)
        settings = None
        if self.along:
            settings = transfer.import_settings(
                run.guild_id, part, reason=run.reason, store=store, dry_run=dry_run
            )
        options: ImportOptions = {
            "merge": "add"
            if self.merge == "add"
            else "replace"
            if self.merge == "replace"
            else "max",
            "keep": "level" if self.keep == "level" else "xp",
            "xp_in_level": self.xp_in_level,
            "settings": part if dry_run else {},
            "reason": run.reason,
            "store": store,
            "dry_run": dry_run,
            "step": step,
        }
        members = transfer.import_members(run.guild_id, reading, **options)
        return _Done(store, reading, members, settings, "levels" in part)

    def _settings(self, reading: Reading) -> dict[str, Any]:
        """The settings that were asked for."""
        part: dict[str, Any] = dict(reading.settings.own) if "settings" in self.along else {}
        if "rewards" in self.along and reading.settings.rewards:
            part["roleRewards"] = [dict(one) for one in reading.settings.rewards]
        return part


def _preview(work: _Work, trial: list[_Done], names: dict[str, str]) -> None:
    """Show what would change on stderr, where the question is asked."""
    if not (streams.is_terminal(sys.stdin) and streams.is_terminal(sys.stderr)):
        return
    from robo_xp_cli.show.table import pairs, table

    for one in trial:
        rows = imported.table(one.members, names)
        columns = [column for column in rows.columns if isinstance(column, Column)]
        drawn = pairs(one.summary(len(trial) > 1)) + table(columns, rows.rows, title=rows.title)
        streams.tell(drawn.rstrip("\n"))
        for note in one.problems(work.merge):
            streams.tell(visible_text(note))


def _pretty(document: Mapping[str, Any], members: Iterable[Record]) -> str:
    """The document with one member on each line, so that exports can be compared."""
    head = {key: value for key, value in document.items() if key != "members"}
    start = render_text.json_document(head, indented=True).rstrip().removesuffix("}").rstrip()
    listed = "".join(render_text.json_array(members)).replace("\n", "\n  ").rstrip()
    return f'{start},\n  "members": {listed}\n}}\n'
