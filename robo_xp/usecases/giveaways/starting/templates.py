"""Templates of giveaways: terms that are kept under a name in the settings of a guild."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Unpack

from robo_xp.errors import InvalidConfig, TemplateNotFound
from robo_xp.settings.giveaway import GIVEAWAY, TEMPLATES, GiveawaySettings
from robo_xp.settings.giveaway_terms import TEMPLATE
from robo_xp.usecases.giveaways.book import Cases
from robo_xp.usecases.giveaways.starting.terms import Asked, Terms, document_of
from robo_xp.usecases.settings.layered import ChangeOptions, ConfigChanged

Template = Mapping[str, Any]
"""The terms of a template, by the keys of ``TEMPLATE``."""


class TemplateCases(Cases):
    """Templates of a guild, and those that hold for all guilds."""

    def save_template(
        self,
        guild_id: str,
        name: str,
        *,
        prize: str | None = None,
        channel_id: str | None = None,
        change: ChangeOptions | None = None,
        **asked: Unpack[Asked],
    ) -> ConfigChanged:
        """Keep these terms under the name, in place of others. Raises InvalidConfig."""
        own = {"prize": prize, "channelId": channel_id}
        given = {key: value for key, value in own.items() if value is not None}
        template = {**given, **document_of(asked)}
        if faults := TEMPLATE.faults(f"{TEMPLATES}.{name}", template):
            raise InvalidConfig(faults)
        return self.settings.change(
            guild_id,
            lambda held: GIVEAWAY.set(held, f"{TEMPLATES}.{name}", template),
            **(change or {}),
        )

    def remove_template(
        self, guild_id: str, name: str, *, change: ChangeOptions | None = None
    ) -> ConfigChanged:
        """Forget the template. Raises TemplateNotFound."""
        key = f"{TEMPLATES}.{name}"

        def edit(own: Mapping[str, Any]) -> dict[str, Any]:
            if name not in own.get(TEMPLATES, {}):
                raise _missing(name)
            return GIVEAWAY.unset(own, key)

        return self.settings.change(guild_id, edit, **(change or {}))

    def templates(self, guild_id: str) -> dict[str, Template]:
        """The templates that can be used in the guild, by name."""
        found = self.settings.get(guild_id).get(TEMPLATES, {})
        return {name: found[name] for name in sorted(found)}


def with_template(terms: Terms, name: str | None, settings: GiveawaySettings) -> dict[str, Any]:
    """The terms, and those of the template for what they do not say. Raises TemplateNotFound."""
    if name is None:
        return dict(terms)
    template = (settings.templates or {}).get(name)
    if template is None:
        raise _missing(name)
    asked = {**template.get("requirements", {}), **terms.get("requirements", {})}
    return {**template, **terms, **({"requirements": asked} if asked else {})}


def _missing(name: str) -> TemplateNotFound:
    return TemplateNotFound(f"there is no template {name!r}")
