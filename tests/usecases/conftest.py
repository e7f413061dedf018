"""Where the vaults of these tests are: in memory, on files, in PostgreSQL, from the same lines.

Every test runs in memory. On files and PostgreSQL run those of the modules that are named here,
which touch all that an engine is asked for; the others, and properties with their hundreds of
vaults, do so with ``-m long``.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import is_hypothesis_test

from tests import postgres
from tests.conftest import NOT_TRIED
from tests.usecases import small

_OFTEN = {"test_board", "test_draws", "test_erasure", "test_stores", "test_visibility", "test_xp"}
_SCHEMAS = itertools.count(1)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run each test on each engine, on the slow ones only where they are named."""
    if "_engine" in metafunc.fixturenames:
        name = metafunc.module.__name__.rpartition(".")[2]
        often = name in _OFTEN and not is_hypothesis_test(metafunc.function)
        marks = [] if often else [pytest.mark.long]
        slow = [pytest.param(engine, marks=marks) for engine in ("file", "postgresql")]
        metafunc.parametrize("_engine", ["memory", *slow])


@pytest.fixture
def _engine() -> str:
    """What a test runs on that cannot be run on several: a machine of Hypothesis."""
    return "memory"


@pytest.fixture(autouse=True)
def _place(_engine: str, request: pytest.FixtureRequest) -> Iterator[None]:
    """Let the test have its vaults where this engine keeps them, each of them new."""
    if _engine == "memory":
        yield
        return
    place = small.Place(_addresses(_engine, request))
    small.places.append(place)
    yield
    small.places.pop()
    place.close()


def _addresses(engine: str, request: pytest.FixtureRequest) -> Callable[[], str]:
    """What gives the address of another vault at each call."""
    if engine == "file":
        folder: Path = request.getfixturevalue("tmp_path")
        return lambda: f"file:{folder}/vault-{next(_SCHEMAS)}"
    server: postgres.Server | None = request.getfixturevalue("postgresql_server")
    if server is None:
        pytest.skip(NOT_TRIED)
    return lambda: server.address(f"use_{next(_SCHEMAS)}")
