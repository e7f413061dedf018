"""Stores: the XP tracks of a guild, such as one for each season."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Any

from robo_xp.errors import VaultDamaged
from robo_xp.model.ids import check_store_id
from robo_xp.text import count_text, thousands
from robo_xp_cli.framework.declare import noun
from robo_xp_cli.framework.options import argument, option
from robo_xp_cli.nouns.shared import members as people
from robo_xp_cli.nouns.shared.pictures import Png, Svg, keep_bars
from robo_xp_cli.run.context import Run, confirm
from robo_xp_cli.show import streams
from robo_xp_cli.show.results import Column, One, Pairs, Result, Rows
from robo_xp_cli.show.words import human_time

if TYPE_CHECKING:
    from robo_xp.usecases.stores import StoreCopied

app = noun("store", "XP tracks of a guild: seasons, reputation")

_BARS = 12
_BAR_WIDTH = 30
Source = Annotated[
    str, argument("SRC", "Store to start from", parse=check_store_id, completes="store")
]
Target = Annotated[str, argument("DST", "New store", parse=check_store_id)]


@app.verb("list", examples=("robo-xp store list -o ids",))
def list_stores(run: Run) -> Result:
    """List the stores of the guild.

    One that is damaged, or cannot be read, is named, and the exit code is 6.
    """
    from robo_xp.views.store import Store

    columns = [
        Column("storeId", "store"),
        *(Column(key, kind="number") for key in ("members", "ranked")),
        Column("totalXp", "total XP", kind="number"),
        Column("messages", kind="number"),
        Column("ownSettings", "settings", kind="number"),
        *([] if run.for_people else [Column("seq", kind="number")]),
    ]
    run.check_spelled(of_store=False)
    found, bad = run.robo().stores.list_whole(run.guild_id)
    return Rows(
        columns,
        [Store.of(row).as_json() for row in found],
        id_key="storeId",
        empty=f"guild {run.guild_id} has no stores yet; the first change makes one",
        exit_code=VaultDamaged.exit_code if bad else 0,
        notes=[f"store {store_id}: {error.message}" for store_id, error in bad.items()],
    )


@app.verb("stats", examples=("robo-xp store stats", "robo-xp store stats season-1 --json"))
def stats(
    run: Run,
    store: Annotated[
        str | None,
        argument(
            "STORE", "Store, else the one of --store", parse=check_store_id, completes="store"
        ),
    ] = None,
    svg: Svg = None,
    png: Png = None,
) -> Result:
    """Show the figures of one store.

    Average, median and levels are those of members with XP. --svg and --png draw the members by
    level; --png needs the extra robo-xp[cards].
    """
    from robo_xp.views.store import StoreStats

    found = run.robo().stores.stats(run.guild_id, store=store or run.store_id)
    names = people.names_of(run) if found.top else {}
    data = StoreStats.of(found, names, guild_id=run.guild_id).as_json()
    levels = [(str(level), count) for level, count in found.levels]
    keep_bars(levels, ("level", "members"), svg, png)
    return One(data, human=lambda: _figures(data), id_key="storeId")


@app.verb(
    "copy",
    changes=True,
    examples=("robo-xp store copy default season-2", "robo-xp store copy default test --members"),
)
def copy(
    run: Run,
    source: Source,
    target: Target,
    members: Annotated[bool, option("--members", help="Also copy the members")] = False,
) -> Result:
    """Start a new store with the settings of another, and with its members if asked."""
    from robo_xp.views.store import StoreCopied

    done = run.robo().stores.copy(
        run.guild_id, source, target, members=members, reason=run.reason, dry_run=run.dry_run
    )
    notes = []
    if not done.members and not done.settings:
        notes.append(f"store {source} has no settings of its own, so there was nothing to copy")
    notes += _undo_notes(done)
    return One(StoreCopied.of(done).as_json(), human=_copied_pairs("copied", done), notes=notes)


@app.verb(
    "rename",
    changes=True,
    examples=("robo-xp store rename default season-1", "robo-xp store copy season-1 default"),
)
def rename(run: Run, source: Source, target: Target) -> Result:
    """Give a store another name; its history stays under the old one.

    To close a season: rename ``default``, then copy its settings back into a new ``default``.
    """
    from robo_xp.views.store import StoreCopied

    done = run.robo().stores.rename(
        run.guild_id, source, target, reason=run.reason, dry_run=run.dry_run
    )
    notes = _undo_notes(done)
    if source == "default" and not done.dry_run:
        notes.append("messages go to a new store default from now on")
        if done.settings:
            notes.append(f"to give it the same settings: robo-xp store copy {target} default")
    return One(StoreCopied.of(done).as_json(), human=_copied_pairs("renamed", done), notes=notes)


@app.verb("delete", changes=True, examples=("robo-xp store delete season-1 --dry-run",))
def delete(
    run: Run,
    store: Annotated[
        str, argument("STORE", "Store to empty", parse=check_store_id, completes="store")
    ],
) -> Result:
    """Delete all members and settings of a store. ``undo`` brings them back."""
    from robo_xp.views.store import StoreDeleted

    stores = run.robo().stores
    there = stores.delete(run.guild_id, store, dry_run=True)
    held = f"{count_text(there.members, 'member')} and {count_text(there.settings, 'setting')}"
    confirm(run, f"Delete store {store} of guild {run.guild_id} with {held}?")
    done = there if run.dry_run else stores.delete(run.guild_id, store, reason=run.reason)
    data = StoreDeleted.of(done, store_id=store).as_json()
    human = [
        ("would delete" if done.dry_run else "deleted", store),
        ("members", done.members),
        ("settings", done.settings),
    ]
    notes = [] if done.dry_run else [f"to have it back: robo-xp undo {done.seq} --store {store}"]
    return One(data, human=human, id_key="storeId", notes=notes)


def _figures(data: dict[str, Any]) -> Pairs:
    """The figures for people: numbers first, then how the levels are spread."""
    top, last = data["top"], data["lastAwardedAt"]
    pairs: list[tuple[str, Any]] = [
        ("store", data["storeId"]),
        ("members", f"{thousands(data['members'])} ({thousands(data['ranked'])} with XP)"),
        ("messages", data["messages"]),
        ("total XP", data["totalXp"]),
        ("average XP", data["averageXp"]),
        ("median XP", data["medianXp"]),
        ("own settings", data["ownSettings"]),
        ("last award", human_time(last) if last else "never"),
    ]
    if top:
        who = top.get("name", top["userId"])
        pairs.append(("top member", f"{who}, level {top['level']}, {thousands(top['xp'])} XP"))
    levels = [(entry["level"], entry["members"]) for entry in data["levels"]]
    return [*pairs, *_bars(levels)]


def _bars(levels: Sequence[tuple[int, int]]) -> Pairs:
    """Members by level as bars, neighbouring levels together where there are many."""
    if not levels:
        return []
    width = -(-(levels[-1][0] - levels[0][0] + 1) // _BARS)
    start = levels[0][0] - levels[0][0] % width
    bins: dict[int, int] = dict.fromkeys(range(start, levels[-1][0] + 1, width), 0)
    for level, members in levels:
        bins[level - (level - start) % width] += members
    most = max(bins.values())
    bar = "\N{FULL BLOCK}" if streams.is_utf8() else "#"
    return [
        (
            f"level {low}" if width == 1 else f"level {low}-{low + width - 1}",
            f"{bar * -(-members * _BAR_WIDTH // most)} {thousands(members)}".strip(),
        )
        for low, members in bins.items()
    ]


def _undo_notes(done: StoreCopied) -> list[str]:
    """How to take a copy or a renaming back, where anything was changed."""
    where = "" if done.target == "default" else f" --store {done.target}"
    return [f"to take it back: robo-xp undo {done.seq}{where}"] if done.seq is not None else []


def _copied_pairs(verb: str, done: StoreCopied) -> Pairs:
    return [
        (verb if not done.dry_run else f"would be {verb}", f"{done.source} -> {done.target}"),
        ("members", done.members),
        ("settings", done.settings),
    ]
