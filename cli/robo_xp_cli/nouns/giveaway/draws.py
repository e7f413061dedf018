"""``robo-xp giveaway``: the verbs that finish a giveaway, and those that prove its draws."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Annotated, Any

from robo_xp.text import count_text, thousands
from robo_xp_cli.framework.declare import noun
from robo_xp_cli.framework.options import argument, option
from robo_xp_cli.nouns.giveaway import views
from robo_xp_cli.nouns.giveaway.typed import Id, IdOrOnly, count_of, exported_content
from robo_xp_cli.nouns.shared import files
from robo_xp_cli.nouns.shared import members as people
from robo_xp_cli.nouns.shared.daemon_note import giveaway_told_later, reachable
from robo_xp_cli.run import parse_values as values
from robo_xp_cli.run.context import Run, confirm
from robo_xp_cli.show.results import One, Pairs, Result, Text

if TYPE_CHECKING:
    from robo_xp.machine.daemon_lock import Holder
    from robo_xp.model.giveaway_results import GiveawayChange, Verified

app = noun("giveaway", "Draws of giveaways")

_DONE = {"end": "ended", "cancel": "cancelled", "reroll": "rerolled"}


@app.verb(
    "end",
    changes=True,
    examples=(
        "robo-xp giveaway end 01M7YJJ94WC4Q3344FK42H5P8Y",
        "robo-xp giveaway end 01M7YJJ94WC4Q3344FK42H5P8Y --yes -o ids",
    ),
)
def end(run: Run, giveaway: IdOrOnly = "") -> Result:
    """Draw the winners now; ``-o ids`` prints them.

    A running daemon draws, and leaves out who may not win any more; without one the question
    says so. A dry run draws nobody: who wins stays unknown until the end. A draw cannot be taken
    back.

    Where the giveaway takes a beacon, its entries are closed now and the draw waits for a round,
    half a minute away: a running daemon makes it then, or ``beacon`` does.
    """
    giveaways = run.robo().giveaways
    trial = giveaways.end(run.guild_id, giveaway, strict=True, reason=run.reason, dry_run=True)
    if run.dry_run:
        return _draw_result(run, "end", trial, ["a dry run draws nobody"])
    holder = _drawing_daemon(run, trial, f"Draw the winners of '{trial.giveaway.prize}' for good?")
    if holder is not None:
        change = _by_daemon(run, holder, trial, {"action": "end"})
    else:
        change = giveaways.end(run.guild_id, trial.id, strict=True, reason=run.reason)
    return _draw_result(run, "end", change, _unchecked_notes(change))


@app.verb("cancel", changes=True, examples=("robo-xp giveaway cancel 01M7YJJ94WC4Q3344FK42H5P8Y",))
def cancel(run: Run, giveaway: IdOrOnly = "") -> Result:
    """End a giveaway without winners. This cannot be taken back."""
    giveaways = run.robo().giveaways
    found = giveaways.cancel(run.guild_id, giveaway, strict=True, dry_run=True).giveaway
    confirm(run, f"Cancel the giveaway of '{found.prize}' for good?")
    change = giveaways.cancel(
        run.guild_id, giveaway, strict=True, reason=run.reason, dry_run=run.dry_run
    )
    return _draw_result(run, "cancel", change, [])


@app.verb(
    "reroll",
    changes=True,
    examples=("robo-xp giveaway reroll 01M7YJJ94WC4Q3344FK42H5P8Y --count 1",),
)
def reroll(
    run: Run,
    giveaway: Id,
    count: Annotated[
        int | None,
        option(
            "--count",
            help="How many, else as many as it had winners",
            metavar="N",
            parse=count_of,
        ),
    ] = None,
) -> Result:
    """Draw more winners of an ended giveaway, none of whom has won before.

    A running daemon draws, as at the end. A draw cannot be taken back.
    """
    giveaways = run.robo().giveaways
    trial = giveaways.reroll(run.guild_id, giveaway, count=count, reason=run.reason, dry_run=True)
    if run.dry_run:
        return _draw_result(run, "reroll", trial, _unchecked_notes(trial))
    holder = _drawing_daemon(run, trial, f"Draw again for '{trial.giveaway.prize}' for good?")
    if holder is not None:
        change = _by_daemon(run, holder, trial, {"action": "reroll", "count": count})
    else:
        change = giveaways.reroll(run.guild_id, trial.id, count=count, reason=run.reason)
    return _draw_result(run, "reroll", change, _unchecked_notes(change))


@app.verb(
    "handed-over",
    changes=True,
    examples=("robo-xp giveaway handed-over 01M7YJJ94WC4Q3344FK42H5P8Y @ada",),
)
def handed_over(
    run: Run,
    giveaway: Id,
    user: Annotated[str, argument("USER", "Which winner", parse=values.user, completes="member")],
) -> Result:
    """Note that a winner has got the prize; undo takes the note back."""
    from robo_xp.views.giveaway import HandedOver

    change = run.robo().giveaways.hand_over(
        run.guild_id, giveaway, user, reason=run.reason, dry_run=run.dry_run
    )
    claim = change.giveaway.claims[user]
    name = views.who(user, people.names_of(run))
    verb = "would be handed over" if change.dry_run else "handed over"
    human = [(verb if change.changed else "was handed over before", name)]
    data = HandedOver.of(change, user_id=user, state=claim.state, at=claim.at).as_json()
    return One(data, human=human, id_key="id", notes=giveaway_told_later(run, change.seq))


@app.verb(
    "beacon",
    changes=True,
    examples=("robo-xp giveaway beacon 01M7YJJ94WC4Q3344FK42H5P8Y b44679b9...3ed5e39",),
)
def beacon(
    run: Run,
    giveaway: Id,
    signature: Annotated[str, argument("SIGNATURE", "Of the round, 96 hex digits")],
) -> Result:
    """Draw with the signature of the round that the giveaway waits for.

    For a machine that reaches no relay of the beacon: ``info`` names chain and round. A signature
    that is not that round's draws nothing, and the exit code is 4.
    """
    change = run.robo().giveaways.beacon(
        run.guild_id, giveaway, signature, reason=run.reason, dry_run=run.dry_run
    )
    verb = "reroll" if change.giveaway.rerolls else "end"
    return _draw_result(run, verb, change, _unchecked_notes(change))


@app.verb(
    "verify",
    examples=(
        "robo-xp giveaway verify 01M7YJJ94WC4Q3344FK42H5P8Y",
        "robo-xp giveaway verify draw.json --receipt 7-UUJN7WCZ5B2PSZQPOGDTF6UW",
    ),
)
def verify(
    run: Run,
    what: Annotated[
        str, argument("ID|FILE", "Giveaway, or a file that export wrote", completes="giveaway")
    ],
    commitment: Annotated[
        str | None,
        option("--commitment", help="As the message at the start shows it", metavar="HEX"),
    ] = None,
    entries: Annotated[
        int | None,
        option(
            "--entries",
            help="How many, as the message at the close says",
            metavar="N",
            parse=values.whole(0, 10_000_000),
        ),
    ] = None,
    digest: Annotated[
        str | None, option("--digest", help="As the message at the close shows it", metavar="HEX")
    ] = None,
    root: Annotated[
        str | None, option("--root", help="As the message at the close shows it", metavar="HEX")
    ] = None,
    receipt: Annotated[
        str | None, option("--receipt", help="What an entrant was given", metavar="TEXT")
    ] = None,
) -> Result:
    """Compute all draws of a giveaway again, from its secret and its entries.

    A file can agree with itself and still not be the draw that was held: give what the messages on
    Discord show, and a receipt, and what differs from them is named.
    """
    from robo_xp.model.closing import Seen
    from robo_xp.views.giveaway import Verified as VerifiedView

    seen = Seen(commitment, entries, digest, root, receipt)

    giveaways = run.robo().giveaways
    content = exported_content(run, what)
    found = (
        giveaways.verify(run.guild_id, what, seen)
        if content is None
        else giveaways.verify_document(content, seen)
    )
    is_wrong = found.here and not found.valid
    data = VerifiedView.of(found).as_json()
    code = 4 if is_wrong else 0
    return One(data, human=_verdict(found), id_key="id", exit_code=code, notes=found.notes)


@app.verb("export", examples=("robo-xp giveaway export 01M7YJJ94WC4Q3344FK42H5P8Y > draw.json",))
def export(run: Run, giveaway: IdOrOnly = "") -> Result:
    """Write a giveaway with its entries: all that somebody else needs to verify it."""
    import json

    document = run.robo().giveaways.export(run.guild_id, giveaway)
    return Text(json.dumps(document, indent=2, ensure_ascii=False), data=document)


@app.verb(
    "proof",
    examples=("robo-xp giveaway proof 01M7YJJ94WC4Q3344FK42H5P8Y proof.html",),
)
def proof(
    run: Run,
    giveaway: Id,
    file: Annotated[str, argument("FILE", "HTML file to write, - for stdout", completes="file")],
    force: Annotated[bool, option("--force", help="Replace FILE if it is there")] = False,
) -> Result:
    """Write a page that computes the draws of a giveaway again in any browser.

    It is one file, which asks nobody for anything: send it, or put it on a web server.
    """
    from pathlib import Path

    from robo_xp.machine.site import proof_of
    from robo_xp.machine.whole_file import write_whole

    found = run.robo().giveaways.get(run.guild_id, giveaway)
    page = proof_of(run.robo(), run.guild_id, found.id)
    if file == "-":
        return Text(page)
    files.check_free(file, force=force)
    size = write_whole(Path(file), page)
    data = {"id": found.id, "file": file, "bytes": size}
    return One(data, human=f"proof written to {file}, {count_text(size, 'byte')}", id_key="id")


def _drawing_daemon(run: Run, trial: GiveawayChange, question: str) -> Holder | None:
    """The daemon that is to draw, or None where none can; returns once the operator has agreed."""
    holder = reachable(run)
    if trial.giveaway.is_rechecked and (blind := _why_nobody_looks(holder)):
        asked = trial.giveaway.requirements
        unseen = (
            ", or lacks roles, boosts or time in it that are asked," if asked.ask_discord else ""
        )
        question = f"{blind}, so who has left the server{unseen} can win. {question}"
    confirm(run, question)
    return holder


def _why_nobody_looks(holder: Holder | None) -> str:
    """Why nobody can see which members are there; empty where the daemon can."""
    from robo_xp_cli.daemon_link import client
    from robo_xp_cli.nouns.daemon.views import CONNECTED

    if holder is None:
        return "No daemon runs"
    state = client.ask(holder.socket, client.STATUS)["state"]
    return "" if state == CONNECTED else f"The daemon is {state}, not connected to Discord"


def _by_daemon(
    run: Run, holder: Holder, trial: GiveawayChange, body: Mapping[str, Any]
) -> GiveawayChange:
    """The change as the daemon made it."""
    from robo_xp_cli.daemon_link import client

    said = {key: value for key, value in {**body, "reason": run.reason}.items() if value}
    place = f"/api/giveaways/{run.guild_id}/giveaway/{trial.id}"
    answer = client.change(holder.socket, place, said)
    now = run.robo().giveaways.get(run.guild_id, trial.id)
    missing = int(answer.get("missing", 0))
    return replace(trial, giveaway=now, seq=answer.get("seq"), missing=missing, dry_run=False)


def _draw_result(run: Run, verb: str, change: GiveawayChange, notes: Sequence[str]) -> Result:
    from robo_xp.views.giveaway import Finished

    giveaway = change.giveaway
    names = people.names_of(run)
    human: list[tuple[str, Any]] = [
        (f"would {verb}" if change.dry_run else _DONE[verb], giveaway.prize),
        *views.draw_pairs(giveaway, names),
        *views.waits(giveaway),
    ]
    if giveaway.secret:
        human.append(("secret", giveaway.secret))
    missing = [f"{thousands(change.missing)} fewer than asked for: no more eligible entries"]
    every = [*(missing if change.missing else ()), *notes, *giveaway_told_later(run, change.seq)]
    id_key = "id" if verb == "cancel" else "winners"
    return One(Finished.of(change).as_json(), human=human, id_key=id_key, notes=every)


def _unchecked_notes(change: GiveawayChange) -> list[str]:
    """A note where the rules wanted a second look at the winners that nobody here can take."""
    draws = change.giveaway.draws
    if change.giveaway.is_rechecked and draws and not draws[-1].rechecked:
        return ["drawn as entered: only the daemon can see whether winners are still eligible"]
    return []


def _verdict(found: Verified) -> Pairs:
    if not found.here:
        told = (
            f"{found.id}: there is nothing to compute; another bot drew it, the first entries won"
            " it, or it has not started"
        )
        return [("not drawn here", told), ("winners", views.people_of(found.winners, {}) or "-")]
    state = "valid" if found.valid else "NOT VALID"
    meaning = "" if found.drawn or not found.valid else " (no draw: it goes on, or was cancelled)"
    return [
        (state, f"{found.id}{meaning}"),
        *((fault.where, fault.message) for fault in found.faults),
        ("commitment", found.commitment),
        ("winners", views.people_of(found.winners, {}) or "-"),
        *((f"reroll {n}", views.people_of(w, {})) for n, w in enumerate(found.rerolls, start=1)),
    ]
