"""The daemon as a process, at a pace that Discord would not bear: bulk work is soon done."""

from __future__ import annotations

import sys
from functools import partial
from unittest.mock import patch

from robo_xp_daemon import context, main
from robo_xp_daemon.base.pace import Pace
from robo_xp_daemon.levels import roles
from tests.daemon.quick import hurried

PROGRAM = ("-m", "tests.daemon.hasty")

if __name__ == "__main__":
    with (
        patch.object(roles, "Pace", partial(Pace, 3_000.0)),
        patch.object(context, "GLOBAL_PER_SECOND", 4_500.0),
        hurried(),
    ):
        sys.exit(main.main())
