"""The proof page in a real browser: beacon, rerolls, receipts, the close, restores."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from robo_xp import RoboXP
from robo_xp.errors import GiveawayNotEnded
from robo_xp.machine.site import proof_of
from robo_xp.rules.giveaway.beacon import QUICKNET
from tests.faces.conftest import CHROMIUM
from tests.faces.test_browser import opened, verdict, written
from tests.rules.giveaway.test_chain import ROUNDS
from tests.usecases.giveaways.drawn import MANY, NAMESPACE, memory, started
from tests.usecases.giveaways.forger import forged
from tests.usecases.small import GUILD, HandClock

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="NO CHROMIUM: apt install chromium")
_MARK = 'id="document">'


def drawn_by_quicknet(winners: int = 2) -> tuple[RoboXP, str, dict[str, str]]:
    """A draw of round 1 and a reroll of round 1000 of the public chain, and all receipts."""
    clock = HandClock()
    robo = memory(clock)
    clock.at = QUICKNET.time_of(1) - 60_000
    giveaway = started(robo, beacon="drand", winners=winners)
    receipts: dict[str, str] = {}
    for user_id in MANY:
        receipts |= robo.giveaways.enter(GUILD, giveaway, user_id).receipts
    clock.at = QUICKNET.time_of(1) - 31_000
    robo.giveaways.end(GUILD, giveaway)
    robo.giveaways.beacon(GUILD, giveaway, ROUNDS[1][0])
    clock.at = QUICKNET.time_of(1000) - 31_000
    robo.giveaways.reroll(GUILD, giveaway, count=1)
    robo.giveaways.beacon(GUILD, giveaway, ROUNDS[1000][0])
    return robo, giveaway, receipts


def changed(page: str, change: Callable[[dict[str, Any]], dict[str, Any]]) -> str:
    """The page with another document."""
    before, _, rest = page.partition(_MARK)
    text, end, after = rest.partition("</script>")
    return before + _MARK + json.dumps(change(json.loads(text))) + end + after


def compared(page: Page, text: str) -> str:
    """What the page says of something that was seen on Discord."""
    page.fill("#seen", text)
    page.click("text=Compare")
    return page.inner_text("#compared")


def test_rounds_of_the_public_chain_decide(browser: Browser, tmp_path: Path) -> None:
    """Draw and reroll are computed again from secret, entries and rounds, and nothing is hidden."""
    robo, giveaway, receipts = drawn_by_quicknet()
    assert robo.giveaways.verify(GUILD, giveaway).valid
    document = robo.giveaways.export(GUILD, giveaway)
    page, complaints = opened(browser, written(tmp_path, proof_of(robo, GUILD, giveaway)))

    assert verdict(page) == "valid"
    told = page.inner_text("#verdict")
    assert "round 1, round 1000 of drand" in told and "cannot check" in told
    assert compared(page, receipts[MANY[3]]).startswith(
        f"It is the receipt of entry 4, of {MANY[3]}"
    )
    assert compared(page, document["closing"]["root"]) == "It is the root of the receipts."
    assert compared(page, document["closing"]["digest"]) == "It is the digest of the entries."
    assert compared(page, document["commitment"]) == "It is the commitment."
    assert compared(page, "7") == "That is neither a receipt nor 64 hex digits; copy it whole."
    assert complaints == []
    page.close()


def other_signature(document: dict[str, Any]) -> dict[str, Any]:
    document["draws"][0]["beacon"]["signature"] = ROUNDS[1000][0]
    return document


def earlier_round(document: dict[str, Any]) -> dict[str, Any]:
    document["closing"]["at"] += 10_000
    return document


def same_round(document: dict[str, Any]) -> dict[str, Any]:
    document["draws"][1]["beacon"]["round"] = 1
    return document


def no_round(document: dict[str, Any]) -> dict[str, Any]:
    document["draws"][0]["beacon"] = None
    return document


def given_up(document: dict[str, Any]) -> dict[str, Any]:
    document["draws"][1]["beacon"]["signature"] = None
    return document


def other_chain(document: dict[str, Any]) -> dict[str, Any]:
    document["beacon"]["chain"] = "00" * 32
    return document


def other_root(document: dict[str, Any]) -> dict[str, Any]:
    document["closing"]["root"] = "00" * 32
    return document


def other_number(document: dict[str, Any]) -> dict[str, Any]:
    document["entryNumbers"][MANY[0]] = 99
    return document


def drawn_before(document: dict[str, Any]) -> dict[str, Any]:
    document["restored"] = {"at": 1, "status": "ended", "winners": [], "finalizedAt": 1}
    return document


@pytest.mark.parametrize(
    "change",
    [other_signature, earlier_round, same_round, no_round, given_up, other_chain, other_root,
     other_number, drawn_before],
    ids=lambda one: one.__name__,
)  # fmt: skip
def test_what_is_not_as_it_was_told_is_not_valid(
    browser: Browser, tmp_path: Path, change: Callable[[dict[str, Any]], dict[str, Any]]
) -> None:
    """Another round, signature, chain, root or number, and a second draw, are each found out."""
    robo, giveaway, _ = drawn_by_quicknet()
    text = changed(proof_of(robo, GUILD, giveaway), change)
    page, _ = opened(browser, written(tmp_path, text))

    assert verdict(page) == "invalid"
    page.close()


def test_entries_left_out_and_slipped_in_are_shown(browser: Browser, tmp_path: Path) -> None:
    """A page that agrees with itself agrees neither with a receipt nor with what was told."""
    robo = memory()
    giveaway = started(robo)
    receipts = robo.giveaways.enter(GUILD, giveaway, MANY).receipts
    closing = robo.giveaways.end(GUILD, giveaway).giveaway.closing
    assert closing is not None
    whole = proof_of(robo, GUILD, giveaway)
    left_out = changed(whole, lambda one: forged(one, dict.fromkeys(MANY[1:], 1)))
    stranger = {**dict.fromkeys(MANY, 1), "300000000000900001": 1}
    for text in (left_out, changed(whole, lambda one: forged(one, stranger))):
        page, complaints = opened(browser, written(tmp_path, text))
        assert verdict(page) == "valid"
        assert compared(page, closing.root).startswith("NOT THE SAME")
        is_there = compared(page, receipts[MANY[0]])
        assert is_there.startswith("NOT THERE" if text is left_out else "It is the receipt")
        assert complaints == []
        page.close()


def test_who_was_erased_stands_there_by_a_pseudonym(browser: Browser, tmp_path: Path) -> None:
    """A winner, one drawn again and an entrant are gone: the draws prove themselves as before."""
    robo, giveaway, _ = drawn_by_quicknet()
    found = robo.giveaways.get(GUILD, giveaway)
    won = [*found.winners, *found.rerolls[0]]
    gone = [won[0], won[-1], min({*MANY} - {*won})]
    names = {user_id: robo.members.erase(GUILD, user_id).pseudonym for user_id in gone}
    proof = proof_of(robo, GUILD, giveaway)
    page, complaints = opened(browser, written(tmp_path, proof))

    assert verdict(page) == "valid" and complaints == []
    assert not any(user_id in proof for user_id in gone)
    assert names[gone[0]] in page.inner_text("body")
    forged_page = proof.replace(names[gone[2]], "300000000000000003")
    other, _ = opened(browser, written(tmp_path, forged_page))
    assert verdict(other) == "invalid"


def test_a_restore_after_which_nobody_knows(browser: Browser, tmp_path: Path) -> None:
    """Where it is not known whether there was a draw before, the page does not know either."""
    robo = memory()
    giveaway = started(robo, entrants=5)
    with robo.vault.namespace(NAMESPACE).transaction(robo._core.origin) as transaction:
        [(doc_id, record)] = transaction.records("giveaways").items()
        mark = {"at": 1, "status": None, "winners": None, "finalizedAt": None}
        transaction.put("giveaways", doc_id, {**record, "restored": mark})
    robo.giveaways.end(GUILD, giveaway)
    page, _ = opened(browser, written(tmp_path, proof_of(robo, GUILD, giveaway)))
    page.wait_for_function("!document.getElementById('verdict').textContent.startsWith('Not')")

    assert page.evaluate("document.documentElement.dataset.verdict") == "unknown"
    assert "nobody can tell" in page.inner_text("#verdict")
    page.close()


def test_a_cancelled_giveaway_proves_its_secret(browser: Browser, tmp_path: Path) -> None:
    """There is no draw, and the commitment was a true one."""
    robo = memory()
    giveaway = started(robo, entrants=3)
    robo.giveaways.cancel(GUILD, giveaway)
    page, complaints = opened(browser, written(tmp_path, proof_of(robo, GUILD, giveaway)))

    assert verdict(page) == "valid" and complaints == []
    page.close()


@pytest.mark.parametrize("more", [{}, {"beacon": "drand"}, {"drop": True}])
def test_before_the_end_there_is_nothing_to_prove(more: dict[str, Any]) -> None:
    """Neither of an active giveaway, nor of one that waits for its round, nor of a drop."""
    robo = memory()
    giveaway = started(robo, **more)
    for _ in range(2):
        with pytest.raises(GiveawayNotEnded, match="nothing to prove"):
            proof_of(robo, GUILD, giveaway)
        if not more:
            break
        robo.giveaways.end(GUILD, giveaway)
