"""The names of namespaces: which there are."""

from __future__ import annotations

import re

_NAME = re.compile(
    r"global|xp/[a-z0-9_-]{1,32}/[0-9]{17,20}|giveaways/[0-9]{17,20}|names/[0-9]{17,20}|cursors"
)


def is_namespace(name: str) -> bool:
    """Whether a namespace can be called so; such a name never leads out of the data folder."""
    return _NAME.fullmatch(name) is not None
