"""The live view of ``top``: draws on a terminal until somebody ends it. Loaded only for that."""

from __future__ import annotations

import os
import select
import sys
import termios
import time
import tty
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from rich.console import Console, Group, OverflowMethod, RenderableType
from rich.live import Live
from rich.table import Table
from rich.text import Text

from robo_xp.text import count_text, lasting, thousands
from robo_xp.usecases.activity import Glance
from robo_xp_cli.run import signals
from robo_xp_cli.show import streams
from robo_xp_cli.show.words import encodable, visible_text

_LOOK_SECONDS = 0.1
_WIDE = 120
_FIXED_LINES = 9
_MOST_GIVEAWAYS = 5
_BARS, _ASCII_BARS = " ▁▂▃▄▅▆▇█", " .:-=+*#@"
_END_KEYS = (b"q", b"Q", b"\x1b", b"\x04", b"")


@dataclass(frozen=True, slots=True)
class View:
    """What is drawn: the activity, whose it is, names by member id, and the daemon's state."""

    glance: Glance
    guild_id: str
    store_id: str
    names: Mapping[str, str]
    daemon: Mapping[str, Any]


def watch(look: Callable[[int], View], *, interval: float, color: bool) -> None:
    """Draw what ``look`` gives for so many rows, each ``interval`` seconds, until q or Ctrl-C."""
    console = Console(
        color_system="standard" if color else None,
        no_color=not color,
        force_terminal=True,
        markup=False,
        emoji=False,
        highlight=False,
    )
    try:
        with _keys(), _live(console) as live:
            _draw_until_ended(live, look, interval)
    except signals.Terminated:
        raise
    except KeyboardInterrupt:
        return


def _live(console: Console) -> Live:
    """A screen of its own; stdout stays what it is, since its encoding decides what is drawn."""
    return Live(
        console=console,
        screen=True,
        auto_refresh=False,
        redirect_stdout=False,
        redirect_stderr=False,
    )


def _draw_until_ended(live: Live, look: Callable[[int], View], interval: float) -> None:
    size, next_at = live.console.size, 0.0
    while True:
        now = live.console.size
        if time.monotonic() >= next_at or now != size:
            size, next_at = now, time.monotonic() + interval
            live.update(screen_of(look(size.height), size.width, size.height), refresh=True)
        if _is_ended(min(_LOOK_SECONDS, interval)):
            return


def screen_of(view: View, width: int, height: int) -> RenderableType:
    """The whole screen for a terminal of this size."""
    rows = max(1, height - _FIXED_LINES)
    giveaways = view.glance.giveaways
    if width >= _WIDE:
        panes = Table.grid(padding=(0, 4), expand=True)
        panes.add_column(ratio=3)
        panes.add_column(ratio=2)
        panes.add_row(_rising(view, rows), _giveaways(view, rows))
        body: list[RenderableType] = [panes]
    else:
        few = min(len(giveaways), _MOST_GIVEAWAYS, max(0, rows // 3))
        body = [_rising(view, max(1, rows - few - 2 if few else rows))]
        if few:
            body += [Text(), _giveaways(view, few)]
    return Group(*(_on_one_line(text) for text in _head(view, width)), Text(), *body)


def _head(view: View, width: int) -> Iterator[Text]:
    glance = view.glance
    clock = time.strftime("%H:%M:%S", time.localtime(glance.at / 1000))
    yield _spread(
        Text.assemble(("robo-xp top", "bold"), f"  guild {view.guild_id}  store {view.store_id}"),
        Text.assemble(clock, ("  q ends it", "dim")),
        width,
    )
    yield _daemon_line(view.daemon)
    yield Text()
    yield Text.assemble(
        "last minute   ",
        (thousands(glance.awards_per_minute), "bold"), " awards  ",
        (thousands(glance.xp_per_minute), "bold"), " XP",
    )  # fmt: skip
    yield Text.assemble(
        f"last {lasting(glance.window_ms / 1000):<9}",
        (thousands(glance.awards), "bold"), " awards  ",
        (thousands(glance.members), "bold"), " members  ",
        (thousands(glance.level_ups), "bold"), " level-ups",
    )  # fmt: skip
    yield Text(_spark(glance.history, width), style="green")


def _on_one_line(text: Text) -> Text:
    """The text cut where the terminal ends, so that what is below keeps its place."""
    text.no_wrap, text.overflow = True, _cut()
    return text


def _daemon_line(daemon: Mapping[str, Any]) -> Text:
    is_well = daemon["state"] == "connected"
    is_silent = daemon["state"] == "running"
    style = "green" if is_well else "" if is_silent else "bold yellow"
    parts = [f"daemon {daemon['state']}"]
    if daemon.get("guilds") is not None:
        parts.append(count_text(daemon["guilds"], "guild"))
    if daemon.get("latencySeconds") is not None:
        parts.append(f"{daemon['latencySeconds'] * 1000:.0f} ms")
    if daemon.get("effectsLeft"):
        parts.append(f"{thousands(daemon['effectsLeft'])} wait for Discord")
    return Text(", ".join(parts), style=style)


def _rising(view: View, rows: int) -> Table:
    table = _table(f"Rising in the last {lasting(view.glance.window_ms / 1000)}")
    for heading in ("gained", "level", "XP", "rank"):
        table.add_column(heading, justify="right", no_wrap=True)
    for riser in view.glance.rising[:rows]:
        up = f"{riser.level - riser.levels} {_arrow()} " if riser.levels > 0 else ""
        table.add_row(
            _safe(view.names.get(riser.user_id, riser.user_id)),
            Text(f"+{thousands(riser.gained)}", style="green"),
            Text(f"{up}{riser.level}", style="bold" if up else ""),
            Text(thousands(riser.xp)),
            Text("-" if riser.rank is None else thousands(riser.rank)),
        )
    if not view.glance.rising:
        table.add_row(Text("nobody yet", style="dim"))
    return table


def _giveaways(view: View, rows: int) -> Table:
    table = _table("Giveaways that end soon")
    for heading in ("entries", "ends in"):
        table.add_column(heading, justify="right", no_wrap=True)
    for one in view.glance.giveaways[:rows]:
        left = (one.giveaway.ends_at - view.glance.at) / 1000
        table.add_row(
            _safe(one.giveaway.prize),
            Text(thousands(one.entries)),
            Text(lasting(left) if left > 0 else "now", style="bold" if left < 60 else ""),
        )
    if not view.glance.giveaways:
        table.add_row(Text("none", style="dim"))
    return table


def _table(heading: str) -> Table:
    """A table whose first column is named ``heading``, takes the room that is left, and shrinks."""
    table = Table(box=None, expand=True, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
    table.add_column(heading, ratio=1, no_wrap=True, overflow=_cut())
    return table


def _cut() -> OverflowMethod:
    """How text that is too long ends."""
    return "ellipsis" if streams.is_utf8() else "crop"


def _spark(history: tuple[int, ...], width: int) -> str:
    """The history as bars, oldest first; wide where there is room."""
    bars = _BARS if streams.is_utf8() else _ASCII_BARS
    most = max(history)
    each = max(1, min(width // len(history), 3))
    kept = history[-(width // each) :]
    heights = (0 if not n else 1 + (n * (len(bars) - 2)) // most for n in kept)
    return "".join(bars[height] * each for height in heights)


def _spread(left: Text, right: Text, width: int) -> Text:
    """Both on one line, as far apart as it allows; the right one goes where there is no room."""
    room = width - left.cell_len - right.cell_len
    return Text.assemble(left, " " * room, right) if room > 0 else left


def _safe(text: str) -> Text:
    return Text(encodable(visible_text(text), streams.encoding()))


def _arrow() -> str:
    return "→" if streams.is_utf8() else "->"


@contextmanager
def _keys() -> Iterator[None]:
    """Keys arrive at once and unseen; as it was afterwards."""
    descriptor = sys.stdin.fileno()
    before = termios.tcgetattr(descriptor)
    try:
        tty.setcbreak(descriptor)
        mode = termios.tcgetattr(descriptor)
        for key in (termios.VSUSP, termios.VQUIT):  # both would leave the other screen behind
            mode[6][key] = b"\0"
        termios.tcsetattr(descriptor, termios.TCSANOW, mode)
        yield
    finally:
        termios.tcsetattr(descriptor, termios.TCSADRAIN, before)


def _is_ended(seconds: float) -> bool:
    """Whether a key that ends it comes within so many seconds."""
    ready, _, _ = select.select([sys.stdin], [], [], seconds)
    if not ready:
        return False
    # arrow keys and the like begin with escape too, but bring more with them
    return os.read(sys.stdin.fileno(), 64) in _END_KEYS
