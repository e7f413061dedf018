"""``robo-xp member decay``: what a day takes from members who are away for long."""

from __future__ import annotations

from robo_xp.text import counted, thousands
from robo_xp_cli.framework.declare import noun
from robo_xp_cli.nouns.shared.daemon_note import xp_told_later
from robo_xp_cli.run.context import Run
from robo_xp_cli.show.results import One, Result
from robo_xp_cli.show.words import human_time

app = noun("member", "Members as persons")


@app.verb("decay", changes=True, examples=("robo-xp member decay --dry-run",))
def decay(run: Run) -> Result:
    """Take from members who earned nothing for long what a day takes, once a day.

    The daemon does so by itself when a day of the guild begins, once however often it starts;
    the settings of decay say from when on and how much. It is one change, which undo takes back;
    rewards are kept or lost as at any other loss of XP.
    """
    run.check_there()
    from robo_xp.views.period import DecayDone

    robo = run.robo()
    done = robo.decay.run(run.guild_id, reason=run.reason, store=run.store_id, dry_run=run.dry_run)
    told = f"{counted(done.decayed, 'member')} lost {thousands(done.xp)} XP"
    if done.already_done:
        told = "today had its decay already"
    notes = xp_told_later(run, done.seq)
    if robo.config.get(run.guild_id, store=run.store_id)["decay"]["exemptRoleIds"]:
        seen = robo.decay.exempt(run.guild_id, store=run.store_id)
        when = f"on {human_time(seen.at)}" if seen.at else "never, so nobody is exempt"
        notes += [f"{counted(len(seen.user_ids), 'member')} with an exempt role;"
                 f" the daemon looked {when}"]  # fmt: skip
    return One(DecayDone.of(done).as_json(), human=told, notes=notes)
