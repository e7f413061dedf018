"""``robo-xp completion``: the script that makes Tab complete, and where shells look for it."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from robo_xp.errors import WrongUsage
from robo_xp.machine.whole_file import write_whole
from robo_xp_cli.framework.declare import noun
from robo_xp_cli.framework.options import argument
from robo_xp_cli.run.context import confirm
from robo_xp_cli.show.results import One, Result, Text

if TYPE_CHECKING:
    from robo_xp_cli.run.context import Run

app = noun("completion", "Completion for the shell")

SHELLS = {"bash": "robo-xp", "zsh": "_robo-xp", "fish": "robo-xp.fish"}
_PACKAGE = Path(__file__).resolve().parents[2]
# an install has the scripts in the package, a checkout at its top
_FOLDERS = (_PACKAGE / "completions", _PACKAGE.parents[1] / "completions")
_OURS = "Tab completion of robo-xp for"

_Shell = Annotated[
    str | None, argument("SHELL", "Which shell, else the one of $SHELL", choices=tuple(SHELLS))
]


@app.verb("show", examples=("source <(robo-xp completion show bash)",))
def show(run: Run, shell: _Shell = None) -> Result:
    """Print the completion script of a shell."""
    name = _shell_name(run, shell)
    text = script_of(name)
    return Text(text, data={"shell": name, "script": text}, trusted=True)


@app.verb(
    "install",
    changes=True,
    examples=("robo-xp completion install", "robo-xp completion install zsh --dry-run"),
)
def install(run: Run, shell: _Shell = None) -> Result:
    """Write the completion script to where the shell looks for those of this account.

    No other file is touched. A package of the system brings the scripts with it.
    """
    name = _shell_name(run, shell)
    path, text = place_of(name, run.environ), script_of(name)
    before = path.read_text(encoding="utf-8", errors="replace") if path.exists() else None
    if before is not None and _OURS not in before:
        confirm(run, f"{path} is there already and not of this program. Replace it?")
    if before != text and not run.dry_run:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_whole(path, text)
    done = "would be written" if run.dry_run else "written"
    human = f"{path} {done if before != text else 'is as it should be'}"
    data = {"shell": name, "path": str(path), "changed": before != text, "dryRun": run.dry_run}
    return One(data, human=human, id_key="path", notes=[_note(name, path)])


def script_of(shell: str) -> str:
    """The completion script of a shell, as this program came with it."""
    folder = next(one for one in _FOLDERS if one.is_dir())
    return (folder / SHELLS[shell]).read_text(encoding="utf-8")


def place_of(shell: str, environ: Mapping[str, str]) -> Path:
    """The file in which the shell looks for this account's completion of ``robo-xp``."""
    home = Path(environ.get("HOME") or Path.home())
    shared = Path(environ.get("XDG_DATA_HOME") or home / ".local/share")
    if shell == "fish":
        config = Path(environ.get("XDG_CONFIG_HOME") or home / ".config")
        return config / "fish/completions/robo-xp.fish"
    if shell == "zsh":
        return shared / "zsh/site-functions/_robo-xp"
    user = environ.get("BASH_COMPLETION_USER_DIR") or str(shared / "bash-completion")
    return Path(user) / "completions/robo-xp"


def _shell_name(run: Run, shell: str | None) -> str:
    """The shell that was named, else the one of the account."""
    name = shell or Path(run.environ.get("SHELL", "")).name
    if name not in SHELLS:
        raise WrongUsage(
            f"there is no completion for '{name}'" if name else "$SHELL does not say which shell",
            advice=f"name one of {', '.join(SHELLS)}",
        )
    return name


def _note(shell: str, path: Path) -> str:
    """What else it takes."""
    if shell == "zsh":
        folder = shlex.quote(str(path.parent))
        return f"before compinit, ~/.zshrc needs the line: fpath=({folder} $fpath)"
    if shell == "bash":
        return "new shells complete with it if the package bash-completion is installed"
    return "new shells complete with it"
