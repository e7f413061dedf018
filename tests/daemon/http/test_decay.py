"""Decay that is asked for over HTTP: members with an exempt role are spared as they are now."""

from __future__ import annotations

from pathlib import Path

import pytest

from robo_xp_daemon.app import Service
from tests.daemon.http.stage import Served, serving

A_DAY = 86_400_000


def away(served: Served) -> tuple[str, str, str]:
    """Ann and Bob are away for long with 1,000 XP each; the path, and who they are."""
    ann, bob = (str(served.guild.member(name).id) for name in ("ann", "bob"))
    for who in (ann, bob):
        long_ago = served.service.context.clock.now_ms() - 40 * A_DAY
        served.robo.xp.award(served.guild_id, who, channel_id=served.ids["channel"], at=long_ago)
        served.robo.xp.set(served.guild_id, who, 1_000)
    exempt = {"afterDays": 30, "amount": 50, "exemptRoleIds": [served.ids["role"]]}
    served.robo.config.set(served.guild_id, {"decay": exempt})
    return f"/api/xp/decay/{served.guild_id}?store=default", ann, bob


def test_who_has_an_exempt_role_now_loses_nothing(tmp_path: Path) -> None:
    """Discord is asked for a dry run too; what was seen is kept with the change only."""
    with serving(tmp_path) as served:
        path, ann, bob = away(served)
        served.guild.member("ann").roles.append(served.guild.role("One"))

        shown = served.ask("POST", path, {"dryRun": True}).data
        seen = served.robo.decay.exempt(served.guild_id).user_ids
        done = served.ask("POST", path, {"reason": "by hand"}).data

        assert (shown["decayed"], shown["seq"], seen) == (1, None, ())
        assert (done["decayed"], done["xp"]) == (1, 50)
        assert [served.robo.xp.get(served.guild_id, one) for one in (ann, bob)] == [1_000, 950]
        assert served.robo.decay.exempt(served.guild_id).user_ids == (ann,)


def test_nobody_loses_anything_while_roles_are_unknown(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without a connection it is refused, and the advice is to try again."""
    with serving(tmp_path) as served:
        path, ann, bob = away(served)
        monkeypatch.setattr(Service, "discord", None)

        answer = served.ask("POST", path, {})

        assert (answer.status, answer.code) == (503, "UNHEALTHY")
        assert [served.robo.xp.get(served.guild_id, one) for one in (ann, bob)] == [1_000] * 2
