"""The process that draws: requests come on stdin, pictures go to stdout.

A request is a line of JSON; an answer is a line of JSON with the ``size`` of the picture that
follows it, or with an ``error``. The parent kills it where an answer takes too long.
"""

from __future__ import annotations

import json
import os
import re
import resource
import sys
from contextlib import suppress
from typing import Any, BinaryIO, Final

CPU_SECONDS: Final = 15
MOST_BYTES: Final = 1 << 30
_NOWHERE: Final = "/dev/null/packages"
_PROXY: Final = "http://127.0.0.1:9"
_PLACE = re.compile(r"\u250c\u2500 .*?([^/\n]+):(\d+):\d+$", re.MULTILINE)


def main() -> int:
    """Answer requests until stdin ends."""
    # whatever a template asks of the network leads to a port where nobody listens
    os.environ.update(dict.fromkeys(("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"), _PROXY))
    # a card is one page, and each thread takes memory
    os.environ["RAYON_NUM_THREADS"] = "1"
    # a sandbox may refuse it: the service's own does
    with suppress(OSError):
        os.nice(5)
    _limit(resource.RLIMIT_AS, MOST_BYTES)
    answer_all(sys.stdin.buffer, sys.stdout.buffer)
    return 0


def answer_all(requests: BinaryIO, answers: BinaryIO) -> None:
    """Answer each request in its turn."""
    import typst

    compiler = typst.Compiler(package_path=_NOWHERE, package_cache_path=_NOWHERE)
    for line in requests:
        used = resource.getrusage(resource.RUSAGE_SELF)
        # a parent that died kills nobody
        _limit(resource.RLIMIT_CPU, int(used.ru_utime + used.ru_stime) + CPU_SECONDS)
        try:
            pages = _draw_order(compiler, json.loads(line))
            head: dict[str, Any] = {"sizes": [len(page) for page in pages]}
        except typst.TypstError as error:
            pages, head = [], fault_of(error.message, error.diagnostic)
        answers.write(json.dumps(head).encode() + b"\n" + b"".join(pages))
        answers.flush()


def fault_of(message: str, diagnostic: str) -> dict[str, Any]:
    """What is wrong, and the file and line, empty and 0 where they are not known."""
    places = _PLACE.search(diagnostic)
    file, line = (places[1], int(places[2])) if places else ("", 0)
    return {"error": message, "file": file, "line": line}


def _draw_order(compiler: Any, wanted: dict[str, Any]) -> list[bytes]:
    made = compiler.compile(
        wanted["main"],
        root=wanted["root"],
        format=wanted["format"],
        ppi=144,
        sys_inputs=wanted["inputs"],
        timestamp=0,
    )
    return made if isinstance(made, list) else [made]


def _limit(what: int, most: int) -> None:
    _, hard = resource.getrlimit(what)
    resource.setrlimit(what, (most if hard < 0 else min(most, hard), hard))


if __name__ == "__main__":
    sys.exit(main())
