"""What every test starts from: an environment without the developer's own settings."""

from __future__ import annotations

import itertools
import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from tests import postgres

# a busy machine is no fault of an example
settings.register_profile("any_speed", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("any_speed")

NOT_TRIED = "PostgreSQL is not installed here (apt install postgresql)"
NO_POOLER = "PgBouncer is not installed here (apt install pgbouncer)"

# Each changes what the programs read or draw.
_UNWANTED = (
    "NO_COLOR",
    "FORCE_COLOR",
    "PY_COLORS",
    "GITHUB_ACTIONS",
    "LINES",
    "PAGER",
    "STATE_DIRECTORY",
    "CONFIGURATION_DIRECTORY",
    "CREDENTIALS_DIRECTORY",
    "NOTIFY_SOCKET",
)


if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    # as in the background of a script; programs that the tests start would inherit it
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(scope="session", autouse=True)
def _plain_environment(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """No variable of Robo XP, 80 columns, and an empty home; restored at the end."""
    home = tmp_path_factory.mktemp("home")
    with pytest.MonkeyPatch.context() as patch:
        for name in [*_UNWANTED, *(name for name in os.environ if name.startswith("ROBO_XP_"))]:
            patch.delenv(name, raising=False)
        for name in ("XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME", "XDG_CACHE_HOME"):
            patch.setenv(name, str(home / name.lower()))
        patch.setenv("HOME", str(home))
        patch.setenv("COLUMNS", "80")
        yield


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, exitstatus: int, config: pytest.Config
) -> None:
    """Say what was not tried, and how to run the tests in this order again."""
    not_tried = [
        report
        for report in terminalreporter.stats.get("skipped", ())
        if NOT_TRIED in str(report.longrepr)
    ]
    if not_tried:
        terminalreporter.write_line(f"NOT TRIED: {len(not_tried)} tests. {NOT_TRIED}", red=True)
    if any(NO_POOLER in str(one.longrepr) for one in terminalreporter.stats.get("skipped", ())):
        terminalreporter.write_line(f"NOT TRIED: through a pooler. {NO_POOLER}", red=True)
    if exitstatus:
        seed = config.getoption("random_order_seed")
        terminalreporter.write_line(f"this order again: --random-order-seed={seed}")


_SCHEMAS = itertools.count(1)


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[postgres.Server | None]:
    """A server of PostgreSQL for all tests of this process; None where it is not installed."""
    with postgres.server() as made:
        yield made


@pytest.fixture
def postgresql_address(postgresql_server: postgres.Server | None) -> str:
    """Where an empty vault on PostgreSQL is: a schema for each test."""
    if postgresql_server is None:
        pytest.skip(NOT_TRIED)
    return postgresql_server.address(f"test_{next(_SCHEMAS)}")


@pytest.fixture
def data_dir(tmp_path: Path) -> Path:
    """The path of a data folder that does not exist yet."""
    return tmp_path / "data"
