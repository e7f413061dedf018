"""How an extra is added to this installation: by the tool that made it."""

from __future__ import annotations

import os
import sys
from pathlib import Path


def how_to_add(extra: str) -> str:
    """The command that adds an extra of Robo XP to the Python that runs now."""
    # slow to import, and wanted only where something is missing
    import shlex
    from importlib.metadata import PackageNotFoundError, distribution

    wanted = f"'robo-xp[{extra}]'"
    prefix = Path(sys.prefix)
    try:
        installer = (distribution("robo-xp").read_text("INSTALLER") or "").strip()
    except PackageNotFoundError:
        return f"./dev python --version (brings robo-xp[{extra}] and what else tests need)"
    if (prefix / "uv-receipt.toml").exists():
        return _by_uv_tool(prefix / "uv-receipt.toml", extra)
    if (prefix / "pipx_metadata.json").exists():
        return f"pipx runpip robo-xp install {wanted}"
    if installer == "uv":
        return f"uv pip install --python {shlex.quote(str(prefix))} {wanted}"
    if (prefix / "bin/pip").exists():
        sudo = "" if os.access(prefix, os.W_OK) else "sudo "
        return f"{sudo}{shlex.quote(str(prefix / 'bin/pip'))} install {wanted}"
    return "install the package or the image again: it comes with all extras"


def _by_uv_tool(receipt: Path, extra: str) -> str:
    """The installation as it was made, with one extra more: uv keeps only what it is told."""
    import shlex
    import tomllib

    made = tomllib.loads(receipt.read_text("utf-8"))["tool"]["requirements"][0]
    extras = ",".join(sorted({*made.get("extras", ()), extra}))
    source = made.get("directory") or made.get("path") or made["name"]
    return f"uv tool install {shlex.quote(f'{source}[{extras}]')}"
