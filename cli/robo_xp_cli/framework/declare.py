"""What a noun file declares: a noun, its verbs, and where the program finds both.

Nothing here knows Typer. A noun file reads like this::

    from robo_xp_cli.noun import noun
    from robo_xp_cli.options import argument, option

    app = noun("xp", "Give, set and look at XP")

    @app.verb("give", changes=True)
    def give(
        run: Run,
        user: Annotated[str, argument("USER", "Who gets it", parse=values.user)],
        amount: Annotated[int, argument("AMOUNT", "How much", parse=values.amount)],
    ) -> Result:
        \"\"\"Add XP to a member.\"\"\"
        ...

``run`` (:class:`robo_xp_cli.run.context.Run`) comes first; the function returns one of the kinds in
:mod:`robo_xp_cli.show.results` and never prints. The options that every command shares are attached
by the adapter: a verb declares only its own.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import wraps
from inspect import Signature, cleandoc, signature
from typing import Any, NamedTuple, TypeVar, get_type_hints

_Function = TypeVar("_Function", bound=Callable[..., Any])


class Verb(NamedTuple):
    """One command: the function behind it and how it is announced."""

    name: str
    path: str
    function: Callable[..., Any]
    help: str
    changes: bool = False
    hidden: bool = False
    examples: tuple[str, ...] = ()
    any_config: bool = False
    keeps_root: bool = False
    replaces: tuple[str, ...] = ()
    minus: str = ""

    @property
    def summary(self) -> str:
        """The first paragraph of the help as one line."""
        return " ".join(self.help.partition("\n\n")[0].split()).rstrip(".")


@dataclass(slots=True)
class Noun:
    """A group of verbs; may hold further groups (``giveaway settings show``)."""

    name: str
    help: str
    path: str
    verbs: dict[str, Verb] = field(default_factory=dict)
    groups: dict[str, Noun] = field(default_factory=dict)

    def verb(
        self,
        name: str,
        *,
        changes: bool = False,
        help: str = "",
        hidden: bool = False,
        examples: tuple[str, ...] = (),
        any_config: bool = False,
        keeps_root: bool = False,
        replaces: tuple[str, ...] = (),
        minus: str = "",
    ) -> Callable[[_Function], _Function]:
        """A decorator that adds a verb and returns the function untouched.

        ``changes`` gives it ``--reason``, ``--dry-run`` and ``--yes``. Without ``help`` the
        function's docstring is the help; its first paragraph is the line in lists. One with
        ``any_config`` also runs where the configuration file is missing or wrong; one with
        ``keeps_root`` does not become the owner of the data folder. ``replaces`` are names of
        shared options that mean something of its own here; ``minus`` is the advice for a number
        below zero, with braces where what was typed is to stand without its minus.
        """

        def add(function: _Function) -> _Function:
            self.verbs[name] = Verb(
                name=name,
                path=f"{self.path} {name}".strip(),
                function=function,
                help=cleandoc(help or function.__doc__ or "").replace("``", "'"),
                changes=changes,
                hidden=hidden,
                examples=examples,
                any_config=any_config,
                keeps_root=keeps_root,
                replaces=replaces,
                minus=minus,
            )
            return function

        return add

    def group(self, name: str, help: str) -> Noun:
        """A new noun below this one."""
        inner = Noun(name, help, f"{self.path} {name}".strip())
        self.groups[name] = inner
        return inner


def noun(name: str, help: str) -> Noun:
    """A new noun of the program; an empty name for verbs that stand at the top (``init``)."""
    return Noun(name, help, name)


def taking(part: Callable[..., Any]) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """A decorator for verbs that share parameters: those that ``part`` declares.

    The verb gets what ``part`` returns, as its parameter of the same name as ``part``.
    """
    name = part.__name__
    own = {key: one for key, one in signature(part).parameters.items() if key != "run"}

    def share(function: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(function)
        def call(run: Any, **given: Any) -> Any:
            shared = {key: given.pop(key) for key in own}
            return function(run, **given, **{name: part(run, **shared)})

        others = [one for key, one in signature(function).parameters.items() if key != name]
        call.__signature__ = Signature([*others, *own.values()])  # type: ignore[attr-defined]
        call.__annotations__ = {**hints_of(function, name), **hints_of(part)}
        return call

    return share


def hints_of(function: Callable[..., Any], *known_to_mypy: str) -> dict[str, Any]:
    """The annotations of parameters, but of ``run``, the result, and those that are named."""

    def bare() -> None:
        """Carry the annotations."""

    without = {"run", "return", *known_to_mypy}
    found = {key: one for key, one in function.__annotations__.items() if key not in without}
    bare.__annotations__ = found
    return get_type_hints(bare, globalns=getattr(function, "__globals__", {}), include_extras=True)


class Entry(NamedTuple):
    """One word at the top of the program, known without importing its module.

    With ``verb`` the word is a short form of that verb (``rank`` for ``xp show``).
    """

    module: str
    help: str
    verb: str = ""
    panel: str = "Commands"
    hidden: bool = False
    attribute: str = "app"

    def load(self) -> Noun | Verb:
        """Import the module; the noun or the one verb that the word stands for."""
        from importlib import import_module

        found = getattr(import_module(self.module), self.attribute)
        assert isinstance(found, Noun), f"{self.module}.{self.attribute} is not a noun"
        return found.verbs[self.verb] if self.verb else found
