"""``robo-xp curve``: how much XP a level takes, and what another curve would do."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

from robo_xp.errors import WrongUsage
from robo_xp.rules.levels.curve import CURVE_TYPES, DEFAULT_CURVE, MAX_LEVEL, build_curve
from robo_xp.rules.levels.shape import Curve
from robo_xp.text import thousands
from robo_xp_cli.framework.declare import noun
from robo_xp_cli.framework.options import argument, option
from robo_xp_cli.nouns.curve import typed as curve_words
from robo_xp_cli.nouns.curve import views
from robo_xp_cli.nouns.curve.typed import curve_line
from robo_xp_cli.nouns.shared import members as people
from robo_xp_cli.nouns.shared import settings_layer as layer
from robo_xp_cli.nouns.shared.pictures import Png, Svg, keep_curves
from robo_xp_cli.run import parse_values as values
from robo_xp_cli.show import streams
from robo_xp_cli.show.results import One, Result, Rows, Text

if TYPE_CHECKING:
    from robo_xp.usecases.settings.layered import ConfigChanged
    from robo_xp.views.curve import CurvePoints
    from robo_xp_cli.run.context import Run

app = noun("curve", "How much XP a level takes")

FIRST_LEVELS = 10
TABLE_LEVELS = 20
PLOT_LEVELS = 50
_LEVEL_COLUMNS = ("level", "cost", "total")
_TYPES = """

The types: quadratic (level L costs a*L*L + b*L + c), threshold (level L begins at a*L*L + b*L + c),
mee6, linear (xpPerLevel), exponential (level L begins at multiplier * base^L), lookup
(thresholds=0,100,250: the XP at which each level begins, from level 0 on)."""

_level = values.whole(0, MAX_LEVEL)
_NoRecalc = Annotated[bool, option("--no-recalc", help="Leave the levels of members as they are")]
_SomeCurves = Annotated[
    list[str] | None, argument("CURVE", "TYPE KEY=VALUE ...; else the curve that holds")
]


@app.verb("show", examples=("robo-xp curve show", "robo-xp curve show --global --json"))
def show(run: Run, is_global: layer.Everywhere = False) -> Result:
    """Show the curve that holds, who set it, and its first levels."""
    from robo_xp.views.curve import CurveInForce, LevelCost

    where = layer.layer_of(run, is_global)
    robo = run.robo()
    found = robo.curves.get(where.guild_id, **where.store)
    levels = [LevelCost.of(one) for one in robo.curves.table(found.curve, 1, FIRST_LEVELS)]
    data = CurveInForce.of(found.curve, source=found.source, levels=levels).as_json()
    human = [("curve", curve_line(found.curve)), ("set by", views.SET_BY[found.source])]
    return One(data, human=human, table=Rows(_LEVEL_COLUMNS, data["levels"], id_key="level"))


@app.verb(
    "set",
    changes=True,
    help="Set the curve; the levels of all members follow at once." + _TYPES,
    examples=(
        "robo-xp curve set linear xpPerLevel=500 --max-level 50",
        "robo-xp curve set lookup thresholds=0,100,250,500 --dry-run",
    ),
)
def set_curve(
    run: Run,
    kind: Annotated[str, argument("TYPE", "Type of the curve", choices=CURVE_TYPES)],
    params: Annotated[list[str] | None, argument("KEY=VALUE", "Parameters of the type")] = None,
    max_level: Annotated[
        int | None,
        option("--max-level", help="Highest level", metavar="N", parse=values.whole(0, MAX_LEVEL)),
    ] = None,
    no_recalc: _NoRecalc = False,
    is_global: layer.Everywhere = False,
) -> Result:
    """Set the curve."""
    where = layer.layer_of(run, is_global)
    pairs = [values.key_value(word) for word in params or ()]
    spec = curve_words.spec_of(kind, pairs, max_level)
    curve = build_curve(spec)
    changed = run.robo().curves.set(
        where.guild_id, spec, recalculate=not no_recalc, **layer.change_options(run, where)
    )
    return _change_result(run, where, changed, (curve, "global" if is_global else "guild"))


@app.verb("reset", changes=True, examples=("robo-xp curve reset --dry-run",))
def reset(run: Run, no_recalc: _NoRecalc = False, is_global: layer.Everywhere = False) -> Result:
    """Go back to the curve of the global defaults, or to the default one."""
    where = layer.layer_of(run, is_global)
    changed = run.robo().curves.reset(
        where.guild_id,
        recalculate=not no_recalc,
        **layer.change_options(run, where, begins=False),
    )
    spec = changed.effective.get("levels")
    curve = build_curve(spec) if spec else DEFAULT_CURVE
    return _change_result(run, where, changed, (curve, "global" if spec else "default"))


@app.verb(
    "table",
    examples=("robo-xp curve table --from 10 --to 30", "robo-xp curve table mee6 -o csv"),
)
def table(
    run: Run,
    words: _SomeCurves = None,
    low: Annotated[int, option("--from", help="First level", metavar="LEVEL", parse=_level)] = 1,
    high: Annotated[
        int | None,
        option("--to", help="Last level, else 20 levels", metavar="LEVEL", parse=_level),
    ] = None,
    is_global: layer.Everywhere = False,
) -> Result:
    """List levels with their XP, of the curve that holds or of one that is given."""
    from robo_xp.views.curve import LevelCost

    last = low + TABLE_LEVELS - 1 if high is None else high
    if last < low:
        raise WrongUsage(f"--to {last} lies before --from {low}")
    curve = _asked_curves(run, words, is_global)
    if len(curve) > 1:
        raise WrongUsage(
            f"a table shows one curve, not {len(curve)}",
            advice="use 'robo-xp curve plot' to see several",
        )
    curves = run.robo().curves
    return Rows(
        _LEVEL_COLUMNS,
        [LevelCost.of(one).as_json() for one in curves.table(curve[0], low, last)],
        id_key="level",
        title=curve_line(curve[0]),
        empty=f"this curve ends at level {thousands(curves.top(curve[0]))}",
    )


@app.verb(
    "plot",
    examples=(
        "robo-xp curve plot",
        "robo-xp curve plot linear xpPerLevel=500 mee6 --to 30",
        "robo-xp curve plot --to 30 --svg curve.svg --png curve.png",
    ),
)
def plot(
    run: Run,
    words: _SomeCurves = None,
    high: Annotated[
        int,
        option("--to", help="Last level", metavar="LEVEL", parse=values.whole(0, MAX_LEVEL)),
    ] = PLOT_LEVELS,
    is_global: layer.Everywhere = False,
    svg: Svg = None,
    png: Png = None,
) -> Result:
    """Draw the curve that holds, or others that are given.

    ``--png`` needs the extra robo-xp[cards].
    """
    drawn = _asked_curves(run, words, is_global)
    shown = _points(run, drawn, high)
    data = {"curves": [one.as_json() for one in shown]}
    points = [curve["points"] for curve in data["curves"]]
    keep_curves(lambda: shown, svg, png)
    if run.output != "table" or run.fields:
        return One(data, table=views.point_rows(drawn, points))
    return Text(views.picture(run, drawn, points), data=data, trusted=True)


@app.verb(
    "compare",
    examples=(
        "robo-xp curve compare linear xpPerLevel=500 mee6",
        "robo-xp curve compare mee6 --svg curves.svg",
    ),
    help="Show the members of today under other curves, before any is set." + _TYPES,
)
def compare(
    run: Run,
    words: Annotated[list[str], argument("CURVE", "TYPE KEY=VALUE ...; each type begins a curve")],
    svg: Svg = None,
    png: Png = None,
) -> Result:
    """Show the members of today under other curves."""
    from robo_xp.views.curve import Outlook

    trials = curve_words.curves_of(words)
    run.check_spelled()
    curves = run.robo().curves
    current = curves.get(run.guild_id, store=run.store_id)
    outlooks = [
        curves.outlook(run.guild_id, curve, store=run.store_id)
        for curve in (current.curve, *trials)
    ]
    names = people.names_of(run)
    now, *others = outlooks
    data = {
        "current": Outlook.of(now, names, source=current.source).as_json(),
        "curves": [Outlook.of(one, names).as_json() for one in others],
    }
    compared = [one.curve for one in outlooks]
    keep_curves(lambda: _points(run, compared, views.top_of(now)), svg, png)
    rows = views.outlook_rows(outlooks)
    if run.output == "table" and not run.fields and streams.is_terminal(sys.stdout):
        return Text(views.comparison(run, rows, outlooks), data=data, trusted=True)
    return One(data, table=rows)


def _points(run: Run, curves: Sequence[Curve], high: int) -> list[CurvePoints]:
    """The curves with their levels up to this one."""
    from robo_xp.views.curve import CurvePoints, LevelCost

    table_of = run.robo().curves.table
    return [
        CurvePoints.of(curve, points=[LevelCost.of(one) for one in table_of(curve, 0, high)])
        for curve in curves
    ]


def _asked_curves(run: Run, words: Sequence[str] | None, is_global: bool) -> list[Curve]:
    """The curves that were typed; without any the one that holds."""
    if words:
        return curve_words.curves_of(words)
    where = layer.layer_of(run, is_global)
    return [run.robo().curves.get(where.guild_id, **where.store).curve]


def _change_result(
    run: Run, where: layer.Layer, changed: ConfigChanged, holds: tuple[Curve, str]
) -> Result:
    """What a change did to the members; ``holds`` is the curve that it left, and who set it."""
    from msgspec import UNSET

    from robo_xp.views.curve import CurveChanged, effect_of

    curve, source = holds
    effect = changed.levels
    names = people.names_of(run) if where.guild_id else {}
    data = CurveChanged.of(
        curve,
        guild_id=where.guild_id,
        store_id=UNSET if where.guild_id is None else where.store_id,
        **effect_of(effect, names),
        source=source,
        seq=changed.seq,
        dry_run=run.dry_run,
    ).as_json()
    sample = data["sample"]
    human = [
        ("curve", curve_line(curve)),
        ("set by", views.SET_BY[source]),
        ("levels", views.effect_text(effect)),
    ]
    return One(
        data,
        human=human,
        table=views.moved_table(sample, effect.changed),
        exit_code=layer.exit_code_of(changed),
        notes=[*layer.notes_of(changed), *_cautions(run, where)],
    )


def _cautions(run: Run, where: layer.Layer) -> list[str]:
    """Why members may not notice the change."""
    if where.guild_id is None:
        return ["guilds and stores with a curve of their own keep it"]
    in_force = run.robo().curves.get(where.guild_id, **where.store)
    if in_force.source == "callback":
        return ["careful: the get_curve of the configuration decides here, above all settings"]
    return []
