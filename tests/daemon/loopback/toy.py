"""A small bot of plain discord.py, by which the loopback shows that it is faithful enough."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any

import discord
from discord import app_commands, ui

from tests.daemon.loopback.aim import aimed
from tests.daemon.loopback.server import Loopback

INTENTS = discord.Intents(guilds=True, guild_messages=True, members=True, dm_messages=True)


class Form(ui.Modal, title="A form"):
    """A modal with a text and a select."""

    name: ui.Label[Any] = ui.Label(
        text="Name", component=ui.TextInput(custom_id="form:name", max_length=10)
    )
    role: ui.Label[Any] = ui.Label(text="Role", component=ui.RoleSelect(custom_id="form:role"))

    async def on_submit(self, interaction: discord.Interaction) -> None:
        """Says back what came."""
        name, role = self.name.component, self.role.component
        assert isinstance(name, ui.TextInput) and isinstance(role, ui.RoleSelect)
        text = f"{name.value} wants {role.values[0].name}"
        await interaction.response.send_message(text, ephemeral=True)


class Panel(ui.LayoutView):
    """Components V2 that survive a restart."""

    text = ui.TextDisplay[Any]("Panel: 0")
    row = ui.ActionRow[Any]()

    def __init__(self, count: int = 0) -> None:
        super().__init__(timeout=None)
        self.text.content = f"Panel: {count}"

    @row.button(label="More", custom_id="panel:more")
    async def more(self, interaction: discord.Interaction, _: ui.Button[Any]) -> None:
        """Counts up in place."""
        count = int(str(ui.LayoutView.from_message(interaction.message).children[0].content[7:]))  # type: ignore[arg-type, attr-defined]
        await interaction.response.edit_message(view=Panel(count + 1))

    @row.button(label="Form", custom_id="panel:form")
    async def form(self, interaction: discord.Interaction, _: ui.Button[Any]) -> None:
        """Shows the modal."""
        await interaction.response.send_modal(Form())

    @row.button(label="Slow", custom_id="panel:slow")
    async def slow(self, interaction: discord.Interaction, _: ui.Button[Any]) -> None:
        """Answers privately after a deferral, twice."""
        await interaction.response.defer(ephemeral=True, thinking=True)
        await interaction.followup.send("first")
        await interaction.followup.send("second", ephemeral=True)


class Choices(ui.View):
    """A classic view with two selects."""

    def __init__(self) -> None:
        super().__init__(timeout=None)

    @ui.select(
        custom_id="choice:colour",
        options=[discord.SelectOption(label=name.title(), value=name) for name in ("red", "blue")],
    )
    async def colour(self, interaction: discord.Interaction, select: ui.Select[Any]) -> None:
        """Says the value."""
        await interaction.response.send_message(select.values[0], ephemeral=True)

    @ui.select(cls=ui.UserSelect, custom_id="choice:user")
    async def user(self, interaction: discord.Interaction, select: ui.UserSelect[Any]) -> None:
        """Says the roles of whoever was chosen."""
        member = select.values[0]
        assert isinstance(member, discord.Member)
        await interaction.response.send_message(", ".join(role.name for role in member.roles))


class Toy(discord.AutoShardedClient):
    """Notes what it hears, and has a command for each kind of answer."""

    def __init__(self, intents: discord.Intents = INTENTS, **options: Any) -> None:
        usual = {"guild_ready_timeout": 0.1, "chunk_guilds_at_startup": False}
        super().__init__(intents=intents, **{**usual, **options})
        self.heard: list[discord.Message] = []
        self.joined: list[discord.Member] = []
        self.resumed = 0
        self.readied = 0
        self.tree = app_commands.CommandTree(self)
        _add_commands(self.tree)

    async def before_identify_hook(self, shard_id: int | None, *, initial: bool = False) -> None:
        """No wait between identifies: nobody limits them here."""

    async def setup_hook(self) -> None:
        """Registers what must survive restarts, and syncs."""
        self.add_view(Panel())
        self.add_view(Choices())
        await self.tree.sync()

    async def on_ready(self) -> None:
        """Counts."""
        self.readied += 1

    async def on_resumed(self) -> None:
        """Counts."""
        self.resumed += 1

    async def on_message(self, message: discord.Message) -> None:
        """Notes."""
        if message.author != self.user:
            self.heard.append(message)

    async def on_member_join(self, member: discord.Member) -> None:
        """Notes."""
        self.joined.append(member)


def _add_commands(tree: app_commands.CommandTree[Toy]) -> None:
    @tree.command()
    async def panel(interaction: discord.Interaction) -> None:
        """Show the panel."""
        await interaction.response.send_message(view=Panel(), ephemeral=True)

    @tree.command()
    async def choices(interaction: discord.Interaction) -> None:
        """Show the selects."""
        await interaction.response.send_message("Choose", view=Choices())

    @tree.command()
    async def twice(interaction: discord.Interaction) -> None:
        """Answer, and then answer again."""
        await interaction.response.send_message("once")
        interaction.response._response_type = None
        try:
            await interaction.response.send_message("twice")
        except discord.HTTPException as error:
            await interaction.followup.send(str(error.code))

    xp = app_commands.Group(
        name="xp", description="XP", default_permissions=discord.Permissions(manage_guild=True)
    )

    @xp.command()
    @app_commands.describe(user="who", amount="how much", note="why")
    async def give(
        interaction: discord.Interaction,
        user: discord.Member,
        amount: app_commands.Range[int, 1, 100],
        note: str = "",
    ) -> None:
        """Give XP."""
        await interaction.response.defer(ephemeral=True)
        held = interaction.permissions.manage_guild
        text = f"{user.name} ({len(user.roles)}) {amount} {note} {held}"
        await interaction.edit_original_response(content=text)

    @give.autocomplete("note")
    async def complete(_: discord.Interaction, text: str) -> list[app_commands.Choice[str]]:
        return [app_commands.Choice(name=f"{text}{n}", value=f"{text}{n}") for n in range(3)]

    tree.add_command(xp)


@asynccontextmanager
async def running(discord_: Loopback, **options: Any) -> AsyncIterator[Toy]:
    """A toy bot that is connected to the loopback, and closed at the end."""
    with aimed(discord_):
        bot = Toy(**options)
        task = asyncio.create_task(bot.start(discord_.token))
        try:
            await discord_.until(lambda: bot.readied or task.done(), timeout=10)
            yield bot
        finally:
            await bot.close()
            with suppress(Exception):
                await task
