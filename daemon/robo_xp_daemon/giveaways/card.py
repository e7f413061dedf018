"""The message of a giveaway, built from its record alone, so it is the same whoever builds it.

What a field shows is cut where it could break Discord's limits: 1,024 characters of a field, 6,000
of all. A finished giveaway has no buttons.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import discord

from robo_xp.model.giveaway import CANCELLED, CLAIMED, DRAWING, EXPIRED, HANDED_OVER, SUM, Giveaway
from robo_xp.rules.giveaway.beacon import chain_of
from robo_xp.rules.giveaway.requirement_text import more_requirements
from robo_xp.text import count_text, thousands
from robo_xp_daemon.client.port import Card
from robo_xp_daemon.giveaways import format as wording
from robo_xp_daemon.interactions import format as words

ENTER: Final = "xp_ga_enter"
LEAVE: Final = "xp_ga_leave"
"""What the custom ids of the buttons begin with; a colon and the giveaway's id follow."""

CLAIM: Final = "xp_ga_claim"
CLAIM_LABEL: Final = "Claim"
LEAVE_LABEL: Final = "Leave"
PROMISE: Final = (
    "The SHA-256 of the secret that decides the draw. "
    "The secret is shown at the end, so anybody can check the winners."
)
_FIRST: Final = "The first who enter, until there are enough."
NOBODY: Final = "Nobody won: there was no entry that counts."

_ACTIVE, _ENDED, _CANCELLED = 0x5865F2, 0x99AAB5, 0xED4245
_FIELD: Final = 1024
_ROLES: Final = 700
_REROLLS: Final = 3
_CLAIMS: Final = 400


def enter_id(giveaway_id: str) -> str:
    """The custom id of the button to enter."""
    return f"{ENTER}:{giveaway_id}"


def leave_id(giveaway_id: str) -> str:
    """The custom id of the button to leave."""
    return f"{LEAVE}:{giveaway_id}"


def footer_of(giveaway_id: str) -> str:
    """The last line of the message, by which the daemon knows it again."""
    return f"Giveaway {giveaway_id}"


def link_of(giveaway: Giveaway) -> str:
    """Where the giveaway is on Discord: its message, or its channel until there is one."""
    place = f"https://discord.com/channels/{giveaway.guild_id}/{giveaway.channel_id}"
    return place if giveaway.message_id is None else f"{place}/{giveaway.message_id}"


def card_of(giveaway: Giveaway, entries: int) -> Card:
    """The message as it is now, with so many entries. Needs a running event loop."""
    if giveaway.is_active:
        return Card(_active_card(giveaway, entries), _buttons(giveaway))
    if giveaway.status == DRAWING:
        return Card(_drawing_card(giveaway, entries))
    if giveaway.status == CANCELLED:
        return Card(_cancelled_card(giveaway, entries))
    view = None if giveaway.claim_until is None else _claim_button(giveaway)
    return Card(_ended_card(giveaway, entries), view)


def _active_card(giveaway: Giveaway, entries: int) -> discord.Embed:
    embed = _embed(giveaway, "Drop" if giveaway.drop else "Giveaway", _ACTIVE)
    embed.add_field(name="Ends", value=wording.instant(giveaway.ends_at))
    embed.add_field(name="Winners", value=thousands(giveaway.winners_count))
    _add_facts(embed, giveaway, entries)
    _add_requirements(embed, giveaway)
    if giveaway.drop:
        embed.add_field(name="Who wins", value=_FIRST, inline=False)
    else:
        value = f"`{giveaway.commitment}`\n{PROMISE}"
        embed.add_field(name="Commitment", value=value, inline=False)
    return embed


def _drawing_card(giveaway: Giveaway, entries: int) -> discord.Embed:
    embed = _embed(giveaway, "Giveaway closed", _ENDED)
    waiting, rule = giveaway.waiting, giveaway.beacon
    chain = None if rule is None else chain_of(rule.chain)
    if waiting is not None and chain is not None:
        decides = f"Round {waiting.round} of drand\n{words.moment(chain.time_of(waiting.round))}"
        embed.add_field(name="Decided by", value=decides)
    embed.add_field(name="Winners", value=thousands(giveaway.winners_count))
    _add_facts(embed, giveaway, entries)
    if giveaway.closing is not None:
        digest = f"`{giveaway.closing.digest}`"
        embed.add_field(name="Digest of the entries", value=digest, inline=False)
    embed.add_field(name="Commitment", value=f"`{giveaway.commitment}`", inline=False)
    return embed


def _ended_card(giveaway: Giveaway, entries: int) -> discord.Embed:
    embed = _embed(giveaway, "Giveaway ended", _ENDED)
    embed.add_field(name="Ended", value=wording.instant(giveaway.finalized_at or giveaway.ends_at))
    _add_facts(embed, giveaway, entries)
    _add_winners(embed, giveaway)
    _add_rerolls(embed, giveaway)
    _add_claims(embed, giveaway)
    _add_proof(embed, giveaway)
    return embed


def _cancelled_card(giveaway: Giveaway, entries: int) -> discord.Embed:
    embed = _embed(giveaway, "Giveaway cancelled", _CANCELLED)
    at = giveaway.finalized_at or giveaway.ends_at
    embed.add_field(name="Cancelled", value=wording.instant(at))
    _add_facts(embed, giveaway, entries)
    _add_proof(embed, giveaway)
    return embed


def _embed(giveaway: Giveaway, title: str, colour: int) -> discord.Embed:
    own = giveaway.colour if giveaway.is_active else None
    shown = colour if own is None else own
    embed = discord.Embed(title=title, description=wording.prize(giveaway), colour=shown)
    embed.set_image(url=giveaway.image_url)
    embed.set_footer(text=footer_of(giveaway.id))
    return embed


def _add_facts(embed: discord.Embed, giveaway: Giveaway, entries: int) -> None:
    embed.add_field(name="Entries", value=thousands(entries))
    embed.add_field(name="Host", value=wording.host(giveaway))


def _add_requirements(embed: discord.Embed, giveaway: Giveaway) -> None:
    """A field for each kind of requirement that there is, and one for the bonuses."""
    if allowed := giveaway.allow_role_ids:
        name = "Needs this role" if len(allowed) == 1 else "Needs one of these roles"
        embed.add_field(name=name, value=wording.roles(allowed, _ROLES), inline=False)
    if denied := giveaway.deny_role_ids:
        name = "Not with this role" if len(denied) == 1 else "Not with any of these roles"
        embed.add_field(name=name, value=wording.roles(denied, _ROLES), inline=False)
    if days := giveaway.min_account_age_days:
        embed.add_field(
            name="Account age", value=f"at least {count_text(days, 'day')}", inline=False
        )
    for name, value in more_requirements(giveaway.requirements, _roles):
        embed.add_field(name=name, value=value)
    if bonuses := giveaway.bonus_entries:
        extra = [f"{words.role(role_id)} +{bonus}" for role_id, bonus in bonuses.items()]
        which = "all of them count" if giveaway.bonus_mode == SUM else "the highest counts"
        name = "Bonus entries" if len(extra) == 1 else f"Bonus entries ({which})"
        embed.add_field(name=name, value=wording.list_within(extra, _ROLES), inline=False)


def _roles(role_ids: Sequence[str]) -> str:
    return wording.roles(role_ids, _ROLES)


def _add_winners(embed: discord.Embed, giveaway: Giveaway) -> None:
    drawn, wanted = len(giveaway.winners), giveaway.winners_count
    name = f"Winners ({drawn})" if drawn >= wanted else f"Winners ({drawn} of {wanted})"
    value = wording.members(giveaway.winners, _FIELD) or NOBODY
    embed.add_field(name=name, value=value, inline=False)


def _add_rerolls(embed: discord.Embed, giveaway: Giveaway) -> None:
    """The last rerolls, each in a field; earlier ones are counted."""
    earlier = max(len(giveaway.rerolls) - _REROLLS, 0)
    if earlier:
        value = f"{earlier} more, see `robo-xp giveaway info {giveaway.id}`"
        embed.add_field(name="Earlier rerolls", value=value, inline=False)
    for number, winners in enumerate(giveaway.rerolls[earlier:], earlier + 1):
        value = wording.members(winners, _FIELD) or NOBODY
        embed.add_field(name=f"Reroll {number}", value=value, inline=False)


def _add_claims(embed: discord.Embed, giveaway: Giveaway) -> None:
    """Until when prizes can be claimed, and who has."""
    if until := giveaway.claim_until:
        embed.add_field(name="Claim your prize", value=wording.instant(until), inline=False)
    for state, name in ((CLAIMED, "Claimed"), (HANDED_OVER, "Handed over"), (EXPIRED, "Too late")):
        who = [user_id for user_id, one in giveaway.claims.items() if one.state == state]
        if who:
            embed.add_field(name=name, value=wording.members(who, _CLAIMS), inline=False)


def _add_proof(embed: discord.Embed, giveaway: Giveaway) -> None:
    """What it takes to check the draw, where there was one."""
    if not giveaway.commitment:
        return
    embed.add_field(name="Commitment", value=f"`{giveaway.commitment}`", inline=False)
    if giveaway.secret is not None:
        hint = f"To check it: `/giveaway proof`, or `robo-xp giveaway verify {giveaway.id}`"
        embed.add_field(name="Secret", value=f"`{giveaway.secret}`\n{hint}", inline=False)


def _claim_button(giveaway: Giveaway) -> discord.ui.View:
    """The button with which winners claim their prize."""
    view = discord.ui.View(timeout=None)
    view.add_item(
        discord.ui.Button(
            style=discord.ButtonStyle.success,
            label=CLAIM_LABEL,
            custom_id=f"{CLAIM}:{giveaway.id}",
        )
    )
    view.stop()
    return view


def _buttons(giveaway: Giveaway) -> discord.ui.View:
    """The buttons, which discord.py shall not keep: clicks are told apart by their ids alone."""
    view = discord.ui.View(timeout=None)
    view.add_item(
        discord.ui.Button(
            style=discord.ButtonStyle.primary,
            label=giveaway.button_label,
            emoji="🎉",
            custom_id=enter_id(giveaway.id),
        )
    )
    view.add_item(discord.ui.Button(label=LEAVE_LABEL, custom_id=leave_id(giveaway.id)))
    view.stop()
    return view
