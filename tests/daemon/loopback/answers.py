"""One interaction and all that the bot answered to it."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tests.daemon.loopback.components import words
from tests.daemon.loopback.flags import Callback, Json
from tests.daemon.loopback.messages import Message

if TYPE_CHECKING:
    from tests.daemon.loopback.guild import Guild
    from tests.daemon.loopback.people import Channel, Member
    from tests.daemon.loopback.world import World


class NoAnswer(TimeoutError):
    """The member would read that the application did not respond."""


class NotOffered(LookupError):
    """A real client would not let the member do this, so the test asks for the impossible."""


@dataclass(eq=False, slots=True)
class Answer:
    """What the member sees of an interaction; it grows while the bot goes on answering."""

    world: World
    id: int
    token: str
    kind: int
    guild: Guild
    channel: Channel
    member: Member
    source: Message | None = None
    began: float = field(default_factory=time.monotonic)
    type: int | None = None
    answered_at: float | None = None
    message: Message | None = None
    loading: bool = False
    followups: list[Message] = field(default_factory=list)
    modal: Json | None = None
    choices: list[Json] = field(default_factory=list)
    changes: int = 0

    @property
    def shown(self) -> Message | None:
        """The message that the member looks at: the answer, or the first follow-up to it."""
        if self.type == Callback.DEFERRED_UPDATE and self.followups:
            return self.followups[0]
        return self.message

    @property
    def is_shown(self) -> bool:
        """Whether there is something to see, rather than nothing or a loading mark."""
        return self.type is not None and not self.loading

    @property
    def answered_in(self) -> float:
        """Seconds from the interaction to its callback."""
        return (self.answered_at or time.monotonic()) - self.began

    @property
    def content(self) -> str:
        """The plain text of the answer."""
        return self.shown.content if self.shown else ""

    @property
    def embeds(self) -> list[Json]:
        """The embeds of the answer."""
        return self.shown.embeds if self.shown else []

    @property
    def components(self) -> list[Json]:
        """The components of the answer, of its message or its modal."""
        if self.modal is not None:
            parts: list[Json] = self.modal["components"]
            return parts
        return self.shown.components if self.shown else []

    @property
    def text(self) -> str:
        """Every word that the member reads in the answer, a line each."""
        if self.modal is not None:
            return "\n".join([self.modal["title"], *words(self.components)])
        return self.shown.text if self.shown else ""

    @property
    def ephemeral(self) -> bool:
        """Whether only this member sees the answer."""
        return self.shown is not None and self.shown.ephemeral

    async def changed(self, count: int = 1, timeout: float = 5.0) -> None:
        """Returns when there were that many edits and follow-ups in all."""
        done = await self.world.bell.until(lambda: self.changes >= count, timeout, 0.5)
        if not done:
            raise NoAnswer(f"{self.changes} of {count} edits and follow-ups after {timeout} s")

    def metadata(self) -> Json:
        """How messages that answer an interaction name it."""
        return {
            "id": str(self.id),
            "type": self.kind,
            "user": self.member.user.payload(),
            "authorizing_integration_owners": {"0": str(self.guild.id)},
        }
