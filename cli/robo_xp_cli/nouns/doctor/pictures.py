"""What ``doctor`` looks at for rank cards: the extra that draws them, and fonts."""

from __future__ import annotations

from robo_xp.errors import RoboXPError
from robo_xp.errors.extras import how_to_add
from robo_xp.text import first_of
from robo_xp_cli.nouns.doctor.finding import Finding, ok, omission, warning
from robo_xp_cli.run.context import Run

_CHECK = "cards"
_SHOWN = 6


def fonts(run: Run) -> Finding:
    """Whether every script can be drawn."""
    from robo_xp.pictures.easel import EXTRA, Easel, is_installed
    from robo_xp.pictures.fonts import SCRIPTS, without_font

    if not is_installed():
        return omission(_CHECK, "not installed: /rank answers without a picture", how_to_add(EXTRA))
    easel = Easel()
    try:
        missing = without_font(easel)
    except RoboXPError as error:
        return warning(_CHECK, error.message, error.advice)
    finally:
        easel.close()
    if not missing:
        return ok(_CHECK, f"there are fonts for {len(SCRIPTS)} scripts")
    packages = " ".join(dict.fromkeys(script.package for script in missing))
    names = first_of([script.name for script in missing], _SHOWN)
    return warning(_CHECK, f"no font for {names}", f"apt install {packages}")
