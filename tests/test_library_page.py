"""The page about the library: its session runs as it is written, and prints what it says."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from tests.pages import ROOT

PAGE = ROOT / "docs" / "library.md"
_PAIR = re.compile(r"^```python\n(.*?)^```\n\n```\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def test_the_session_prints_what_the_page_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Each example runs after those before it, in an empty folder, and its output is the page's."""
    monkeypatch.chdir(tmp_path)
    pairs = _PAIR.findall(PAGE.read_text(encoding="utf-8"))
    names: dict[str, Any] = {}
    printed = []
    for script, _ in pairs:
        exec(compile(script, str(PAGE), "exec"), names)
        printed.append(capsys.readouterr().out)

    assert len(pairs) == 8
    assert printed == [said for _, said in pairs]
