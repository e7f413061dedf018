"""``robo-xp member decay``: what a day takes from members who are away for long."""

from __future__ import annotations

from typing import TYPE_CHECKING

from robo_xp.text import count_text, thousands
from robo_xp_cli.framework.declare import noun
from robo_xp_cli.nouns.shared.daemon_note import reachable, xp_told_later
from robo_xp_cli.run.context import Run, confirm
from robo_xp_cli.show.results import One, Result
from robo_xp_cli.show.words import human_time

if TYPE_CHECKING:
    from robo_xp.machine.daemon_lock import Holder
    from robo_xp.usecases.periods.decay import Decayed

app = noun("member", "Members as persons")


@app.verb("decay", changes=True, examples=("robo-xp member decay --dry-run",))
def decay(run: Run) -> Result:
    """Take from members who earned nothing for long what a day takes, once a day.

    The daemon does so by itself when a day of the guild begins, once however often it starts;
    the settings of decay say from when on and how much. It is one change, which undo takes back;
    rewards are kept or lost as at any other loss of XP. Where roles are exempt a running daemon is
    asked, who knows their members; without one the question says as of when they are known.
    """
    run.check_there()
    from robo_xp.views.period import DecayDone

    robo, notes = run.robo(), []
    is_exempting = robo.config.get(run.guild_id, store=run.store_id)["decay"]["exemptRoleIds"]
    holder = reachable(run) if is_exempting else None
    if holder is not None:
        done = _by_daemon(run, holder)
    else:
        if is_exempting:
            notes.append(_unseen(run))
        done = robo.decay.run(
            run.guild_id, reason=run.reason, store=run.store_id, dry_run=run.dry_run
        )
    told = f"{count_text(done.decayed, 'member')} lost {thousands(done.xp)} XP"
    if done.already_done:
        told = "today had its decay already"
    notes = [*xp_told_later(run, done.seq), *notes]
    return One(DecayDone.of(done).as_json(), human=told, notes=notes)


def _by_daemon(run: Run, holder: Holder) -> Decayed:
    """The decay as the daemon made it, who spares the members that have an exempt role now."""
    from robo_xp.usecases.periods.decay import Decayed
    from robo_xp_cli.daemon_link import client

    said = {"dryRun": run.dry_run, **({"reason": run.reason} if run.reason else {})}
    place = client.decay(run.guild_id, run.store_id)
    told = client.change(holder.socket, place, said, method="POST")
    return Decayed(told["decayed"], told["xp"], told["alreadyDone"], told["seq"], told["dryRun"])


def _unseen(run: Run) -> str:
    """Who is exempt as far as it is known without a daemon, once the operator has agreed."""
    robo = run.robo()
    trial = robo.decay.run(run.guild_id, store=run.store_id, dry_run=True)
    seen = robo.decay.exempt(run.guild_id, store=run.store_id)
    when = f"on {human_time(seen.at)}" if seen.at else "never, so nobody is exempt"
    known = (
        f"{count_text(len(seen.user_ids), 'member')} with an exempt role; the daemon looked {when}"
    )
    if trial.decayed:
        loss = f"{thousands(trial.xp)} XP from {count_text(trial.decayed, 'member')}"
        confirm(run, f"No daemon runs to say who has an exempt role now ({known}). Take {loss}?")
    return known
