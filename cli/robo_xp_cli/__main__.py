"""Lets ``python -m robo_xp_cli`` do what the installed program does."""

from __future__ import annotations

import sys

from robo_xp_cli.main import main

if __name__ == "__main__":
    sys.exit(main())
