"""Requests made up from the OpenAPI document: no answer that the document does not know."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.checks import CHECKS, load_all_checks
from schemathesis.core.result import Ok
from schemathesis.generation import GenerationMode

from tests.daemon.http.stage import WRITER, Served, bearer, serving

# the core checks more than a schema can say, so a body that fits may still be refused
UNSAYABLE = {"positive_data_acceptance"}
FEW, MANY = 6, 100


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A connected daemon with a little of everything."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("robo_xp_daemon.setup.logs.set_up", lambda *_: None)
        with serving(tmp_path_factory.mktemp("schema")) as found:
            guild = found.guild
            for amount, member in enumerate(("ann", "bob"), start=200):
                found.robo.xp.add(found.guild_id, str(guild.member(member).id), amount)
            found.robo.giveaways.create(
                found.guild_id, prize="a cup", channel_id=str(guild.channel("general").id)
            )
            yield found


def run(served: Served, examples: int) -> int:
    """Ask every operation so many times; the number of requests. Raises for the first fault."""
    load_all_checks()
    document: dict[str, Any] = served.ask("GET", "/api/openapi.json").json
    schema = schemathesis.openapi.from_dict(document)
    schema.config.update(base_url=f"http://{served.tcp}")
    asking = Asking(served)
    for found in schema.get_all_operations():
        assert isinstance(found, Ok)
        for mode in GenerationMode.POSITIVE, GenerationMode.NEGATIVE:
            asking.ask(found.ok().as_strategy(generation_mode=mode), examples)
    return asking.asked


class Asking:
    """Sends made-up requests and judges the answers by every check that applies."""

    def __init__(self, served: Served) -> None:
        giveaway = served.robo.giveaways.list(served.guild_id)[0].giveaway.id
        self.asked = 0
        self._known = {**served.ids, "giveaway": giveaway}
        self._checks = [check for check in CHECKS.get_all() if check.__name__ not in UNSAYABLE]

    def ask(self, cases: Any, examples: int) -> None:
        """Send so many of these; most of the right ones with ids that are there."""

        @settings(
            max_examples=examples,
            derandomize=True,
            database=None,
            deadline=None,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        @given(case=cases)
        def each(case: Any) -> None:
            self.asked += 1
            if self.asked % 4 and case.meta.generation.mode is GenerationMode.POSITIVE:
                case.path_parameters = {name: self._known[name] for name in case.path_parameters}
            case.call_and_validate(checks=self._checks, headers=bearer(WRITER))

        each()


def test_no_request_breaks_the_daemon(served: Served) -> None:
    """Right and wrong requests to every route give no 500 and no status that is not documented."""
    assert run(served, FEW) > 2 * FEW


@pytest.mark.long
def test_many_requests_break_nothing(served: Served) -> None:
    """The same, many times."""
    assert run(served, MANY) > 20 * MANY
