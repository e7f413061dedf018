"""The rhythm of giveaways that come again."""

from __future__ import annotations


def next_slot(slot_ms: int, every_ms: int, now_ms: int) -> int:
    """The slot after this one, or the last one that has come where several have.

    Slots that passed while nobody was there are left out.
    """
    return slot_ms + max(1, (now_ms - slot_ms) // every_ms) * every_ms
