"""Wishes that come while the vault is busy with others of the same kind: carried out together.

Fifty members who click at once are a few batches and not fifty, so nobody waits for fifty syncs.
Wishes about one giveaway are carried out in the order in which they came.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Hashable, Sequence
from typing import Final, Generic, TypeVar

P = TypeVar("P", bound=Hashable)
W = TypeVar("W")
A = TypeVar("A")

MOST: Final = 200
"""The most wishes that are carried out at once."""


class ClickBatches(Generic[P, W, A]):
    """Carries out wishes, those about one place together; ``carry_out`` returns their answers."""

    def __init__(self, carry_out: Callable[[P, Sequence[W]], Awaitable[Sequence[A]]]) -> None:
        self._carry_out = carry_out
        self._waiting: dict[P, list[tuple[W, asyncio.Future[A]]]] = {}
        self._serving: set[asyncio.Task[None]] = set()

    async def ask(self, place: P, wish: W) -> A:
        """The answer to the wish, after it was carried out."""
        answer: asyncio.Future[A] = asyncio.get_running_loop().create_future()
        if place in self._waiting:
            self._waiting[place].append((wish, answer))
        else:
            self._waiting[place] = [(wish, answer)]
            task = asyncio.create_task(self._serve(place))
            self._serving.add(task)
            task.add_done_callback(self._serving.discard)
        return await answer

    async def _serve(self, place: P) -> None:
        """Carry out what waits for this place until nothing is left."""
        try:
            while asked := self._waiting[place][:MOST]:
                del self._waiting[place][: len(asked)]
                await self._settle(place, asked)
        finally:
            del self._waiting[place]

    async def _settle(self, place: P, asked: Sequence[tuple[W, asyncio.Future[A]]]) -> None:
        try:
            answers = await self._carry_out(place, [wish for wish, _ in asked])
        except Exception as error:
            for _, answer in asked:
                if not answer.done():
                    answer.set_exception(error)
            return
        for (_, answer), said in zip(asked, answers, strict=True):
            if not answer.done():
                answer.set_result(said)
