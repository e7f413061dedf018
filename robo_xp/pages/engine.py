"""Templates and assets: everything that stands in a page is escaped unless it is a file of ours."""

from __future__ import annotations

import base64
import hashlib
from functools import cache
from importlib import resources
from typing import Any

import msgspec
from jinja2 import Environment, FunctionLoader, StrictUndefined
from markupsafe import Markup

from robo_xp.text import visible_name


@cache
def asset(name: str) -> str:
    """A file of the wheel that pages load or hold."""
    return resources.files("robo_xp").joinpath("pages", "assets", name).read_text(encoding="utf-8")


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FunctionLoader(_template),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals["visible_name"] = visible_name
    return environment


def render(name: str, **values: Any) -> str:
    """The page of this template with these values."""
    return _environment().get_template(name).render(**values)


@cache
def files_digest() -> bytes:
    """What tells these templates and assets from those of another version."""
    digest = hashlib.blake2b(digest_size=12)
    for folder in ("assets", "templates"):
        files = resources.files("robo_xp").joinpath("pages", folder).iterdir()
        for file in sorted(files, key=lambda one: one.name):
            if file.is_file():
                digest.update(file.read_bytes())
    return digest.digest()


def own(text: str) -> Markup:
    """A file of ours, to stand in a page as it is."""
    return Markup(text)  # noqa: S704  # never text of a member


def embedded_json(value: Any) -> Markup:
    """A value as JSON that ends no script element, whatever it says."""
    text = msgspec.json.encode(value).decode()
    for sign in "<>&\u2028\u2029":
        text = text.replace(sign, f"\\u{ord(sign):04x}")
    return Markup(text)  # noqa: S704  # no sign of HTML is left in it


def hash_of(text: str) -> str:
    """The source by which a policy allows exactly this text."""
    digest = hashlib.sha256(text.encode()).digest()
    return f"'sha256-{base64.b64encode(digest).decode()}'"


def _template(name: str) -> str:
    return (
        resources.files("robo_xp").joinpath("pages", "templates", name).read_text(encoding="utf-8")
    )
