"""The proof of a giveaway: one file that computes the draws again in the reader's browser."""

from __future__ import annotations

from typing import Any

from robo_xp.pages.engine import asset, embedded_json, hash_of, own, render
from robo_xp.text import count_text
from robo_xp.views.giveaway import GiveawayDocument


def policy() -> str:
    """What the page may do: run its own script, and ask for nothing."""
    script, style = hash_of(_script()), hash_of(asset("style.css"))
    return f"default-src 'none'; script-src {script}; style-src {style}; base-uri 'none'"


def _script() -> str:
    return asset("hash.js") + asset("proof.js")


def proof_page(found: GiveawayDocument) -> str:
    """The page of a giveaway that is over, with nothing to load."""
    return render(
        "proof.html",
        id=found.id,
        prize=found.prize,
        policy=policy(),
        style=own(asset("style.css")),
        script=own(_script()),
        rounds=_rounds(found),
        entries=count_text(found.entry_count, "member"),
        commitment=found.commitment,
        secret=found.secret,
        closing=found.closing,
        beacon=found.beacon,
        taken=[draw.beacon for draw in found.draws if draw.beacon is not None],
        restored=found.restored,
        digest=found.entries_digest or "none: there was no draw",
        document=embedded_json(_proven(found)),
    )


_KEYS = (
    "id status winnersCount commitment secret entries entryCount entriesDigest winners rerolls"
    " pseudonyms entryNumbers closing beacon restored"
).split()
_DRAW_KEYS = ("number", "count", "digest", "boundDigest", "dropped", "beacon", "at")


def _proven(found: GiveawayDocument) -> dict[str, Any]:
    """What a draw depends on, as docs/draws.md names it."""
    document = found.as_json()
    draws = [{key: draw[key] for key in _DRAW_KEYS if key in draw} for draw in document["draws"]]
    return {**{key: document[key] for key in _KEYS if key in document}, "draws": draws}


def _rounds(found: GiveawayDocument) -> list[dict[str, Any]]:
    """Every draw for people."""
    winners = [found.winners, *found.rerolls]
    return [
        {
            "title": f"Reroll {draw.number}" if draw.number else "Winners",
            "about": f"{count_text(draw.count, 'winner')} of {count_text(draw.candidates, 'entry')}"
            + (f", {len(draw.dropped)} passed over" if draw.dropped else ""),
            "winners": ids,
        }
        for draw, ids in zip(found.draws, winners, strict=False)
    ]
