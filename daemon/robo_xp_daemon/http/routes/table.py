"""All routes, in the order of the documentation."""

from __future__ import annotations

from typing import Final

from robo_xp_daemon.http.route import Route
from robo_xp_daemon.http.routes import (
    boards,
    boosts,
    control,
    giveaways,
    guild_settings,
    members,
    outlook,
    periods,
    rewards,
)

ROUTES: Final[tuple[Route, ...]] = (
    *control.ROUTES,
    *outlook.ROUTES,
    *members.ROUTES,
    *boards.ROUTES,
    *periods.ROUTES,
    *guild_settings.ROUTES,
    *rewards.ROUTES,
    *boosts.ROUTES,
    *giveaways.ROUTES,
)
"""All but the one that describes them, which ``openapi`` adds."""
