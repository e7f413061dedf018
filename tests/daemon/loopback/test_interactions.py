"""Commands, buttons, selects and modals of the loopback, answered by discord.py."""

from __future__ import annotations

import discord
import pytest
from discord.http import Route

from tests.daemon.loopback import (
    Limits,
    Loopback,
    NoAnswer,
    NotOffered,
    Permission,
    a_guild,
    live,
)
from tests.daemon.loopback.toy import running


@live
async def test_a_slash_command_is_answered() -> None:
    """Options arrive as entities, permissions from roles; the member sees the private edit."""
    async with Loopback() as place:
        guild = a_guild(place)
        mods = guild.add_role("Mods", permissions=Permission.MANAGE_GUILD)
        guild.change_roles("ann", add=[mods])
        async with running(place):
            options = {"user": guild.member("bob"), "amount": 5, "note": "well"}
            answer = await guild.slash("ann", "xp give", options=options)
            choices = await guild.autocomplete("ann", "xp give", "note", "ab")

            assert (answer.content, answer.ephemeral) == ("bob (1) 5 well True", True)
            assert (answer.type, answer.changes) == (5, 1)
            assert [choice["value"] for choice in choices] == ["ab0", "ab1", "ab2"]
            assert guild.channel("general").messages == []


@live
async def test_what_the_client_would_not_offer_is_refused_here() -> None:
    """Missing permission, unknown commands and options, and wrong ranges raise NotOffered."""
    async with Loopback() as place:
        guild = a_guild(place)
        bob = guild.member("bob")
        async with running(place):
            for who, words, options in [
                ("ann", "xp give", {"user": bob, "amount": 5}),
                ("owner", "xp take", {}),
                ("owner", "xp", {}),
                ("owner", "nothing", {}),
                ("owner", "xp give", {"amount": 5}),
                ("owner", "xp give", {"user": bob, "amount": 101}),
                ("owner", "xp give", {"user": guild.role("Bronze"), "amount": 5}),
            ]:
                with pytest.raises(NotOffered):
                    await guild.slash(who, words, options=options)
            anyway = await guild.slash(
                "ann", "xp give", options={"user": bob, "amount": 5}, anyway=True
            )

            assert anyway.content.endswith("False")


@live
async def test_buttons_and_modals_of_a_layout() -> None:
    """A button edits in place, another shows a modal, whose values come back as entities."""
    async with Loopback() as place:
        guild = a_guild(place)
        async with running(place):
            panel = await guild.slash("ann", "panel")
            assert panel.text.splitlines() == ["Panel: 0", "More", "Form", "Slow"]
            more = await guild.click("ann", panel, "More")
            more = await guild.click("ann", panel, "panel:more")
            form = await guild.click("ann", panel, "Form")
            with pytest.raises(NotOffered, match="to 10 characters"):
                await guild.submit("ann", form, {"Name": "x" * 11, "form:role": []})
            sent = {"Name": "Robo", "form:role": [guild.role("Bronze")]}
            done = await guild.submit("ann", form, sent)

            assert (more.type, panel.text.splitlines()[0]) == (7, "Panel: 2")
            assert (form.type, form.text) == (9, "A form\nName\nRole")
            assert (done.content, done.ephemeral) == ("Robo wants Bronze", True)
            with pytest.raises(NotOffered, match="More"):
                await guild.click("ann", panel, "Less")


@live
async def test_follow_ups_after_a_deferral() -> None:
    """The first takes the place of the loading mark and its privacy, the second stands alone."""
    async with Loopback() as place:
        guild = a_guild(place)
        async with running(place):
            panel = await guild.slash("ann", "panel")
            slow = await guild.click("ann", panel, "Slow")
            await slow.changed(2)

            assert (slow.content, slow.ephemeral) == ("first", True)
            assert [(m.content, m.ephemeral) for m in slow.followups] == [("second", True)]


@live
async def test_selects_of_texts_and_users() -> None:
    """Labels and members can be chosen, by a client that was restarted in between too."""
    async with Loopback() as place:
        guild = a_guild(place)
        guild.change_roles("bob", add=["Silver"])
        async with running(place):
            shown = await guild.slash("ann", "choices")
        async with running(place):
            message = guild.channel("general").last
            colour = await guild.select("ann", message, "choice:colour", ["Blue"])
            user = await guild.select("ann", shown, "choice:user", [guild.member("bob")])

            assert (colour.content, user.content) == ("blue", "@everyone, Silver")


@live
async def test_one_callback_in_time() -> None:
    """A second callback is refused with 40060; none within the limit is seen as no answer."""
    async with Loopback(limits=Limits(answer_within=1.0)) as place:
        guild = a_guild(place)
        async with running(place):
            answer = await guild.slash("ann", "twice")
            await answer.changed()
            panel = await guild.slash("ann", "panel")
            with pytest.raises(NoAnswer):
                await guild.click("ann", panel, "nobody:home", anyway=True)

            assert answer.followups[0].content == "40060"


@live
async def test_no_follow_up_to_a_deleted_answer() -> None:
    """Who deletes the answer to a command can say nothing more to it."""
    async with Loopback() as place:
        guild = a_guild(place)
        async with running(place) as bot:
            shown = await guild.slash("ann", "panel")
            hook = f"/webhooks/{bot.application_id}/{shown.token}"
            await bot.http.request(Route("DELETE", f"{hook}/messages/@original"))
            with pytest.raises(discord.HTTPException) as refused:
                await bot.http.request(Route("POST", hook), json={"content": "more"})

            assert (refused.value.status, refused.value.code) == (404, 10008)


@live
async def test_tokens_of_interactions_end() -> None:
    """A late callback is 10062; follow-ups before a callback or after the token's life, 10015."""
    async with Loopback(limits=Limits(answer_within=1.0, token_lives=1.2)) as place:
        guild = a_guild(place)
        async with running(place) as bot:
            panel = await guild.slash("ann", "panel")
            late = await guild.click("ann", panel, "x", anyway=True, wait=False)
            hook = Route("POST", f"/webhooks/{bot.application_id}/{late.token}")
            back = Route("POST", f"/interactions/{late.id}/{late.token}/callback")
            codes = []
            for to, body in [(hook, {"content": "x"}), (back, {"type": 4, "data": {}})]:
                with pytest.raises(discord.HTTPException) as refused:
                    await bot.http.request(to, json=body)
                codes.append(refused.value.code)
            await place.until(lambda: late.answered_in > 1.2)
            old = Route("POST", f"/webhooks/{bot.application_id}/{panel.token}")
            for to in (back, old):
                with pytest.raises(discord.HTTPException) as refused:
                    await bot.http.request(to, json={"type": 6, "content": "x"})
                codes.append(refused.value.code)

            assert codes == [10015, 50006, 10062, 10015]
