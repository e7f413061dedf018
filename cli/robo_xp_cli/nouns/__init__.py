"""Every word at the top of the program, with its line in the help and the module behind it.

Only the module of the word that is used gets imported. To add a noun, write its file and add a
line here.
"""

from __future__ import annotations

from robo_xp_cli.framework.declare import Entry

_SHORT = "Short forms"
_XP = "XP and rules"
_GIVEAWAYS = "Giveaways"
_DATA = "Stores, history and files"
_PROGRAM = "This program"

NOUNS: dict[str, Entry] = {
    "rank": Entry(
        "robo_xp_cli.nouns.xp.verbs", "Show one member, same as xp show", verb="show", panel=_SHORT
    ),
    "leaderboard": Entry(
        "robo_xp_cli.nouns.xp.leaderboard", "Show the leaderboard", verb="leaderboard", panel=_SHORT
    ),
    "lb": Entry(
        "robo_xp_cli.nouns.xp.leaderboard", "Same as leaderboard", verb="leaderboard", panel=_SHORT
    ),
    "top": Entry("robo_xp_cli.nouns.top.verbs", "Watch a guild live", verb="top", panel=_SHORT),
    "xp": Entry("robo_xp_cli.nouns.xp.verbs", "Give, remove, set and look at XP", panel=_XP),
    "member": Entry("robo_xp_cli.nouns.member.verbs", "Who stands on boards", panel=_XP),
    "card": Entry(
        "robo_xp_cli.nouns.faces.card", "Draw a member's rank card", verb="card", panel=_XP
    ),
    "curve": Entry("robo_xp_cli.nouns.curve.verbs", "How much XP a level takes", panel=_XP),
    "config": Entry(
        "robo_xp_cli.nouns.config.verbs", "Settings of a guild and their defaults", panel=_XP
    ),
    "reward": Entry("robo_xp_cli.nouns.rules.reward", "Roles given for levels", panel=_XP),
    "multiplier": Entry(
        "robo_xp_cli.nouns.rules.multiplier",
        "Factors for guild, roles, channels, members",
        panel=_XP,
    ),
    "boost": Entry("robo_xp_cli.nouns.rules.boost", "Multipliers for a time", panel=_XP),
    "period": Entry(
        "robo_xp_cli.nouns.period.verbs", "Boards of days, weeks and months", panel=_XP
    ),
    "no-xp": Entry(
        "robo_xp_cli.nouns.rules.no_xp", "Roles and channels that earn nothing", panel=_XP
    ),
    "giveaway": Entry(
        "robo_xp_cli.nouns.giveaway.verbs", "Start, run and verify giveaways", panel=_GIVEAWAYS
    ),
    "store": Entry(
        "robo_xp_cli.nouns.data.store", "XP tracks of a guild: seasons, reputation", panel=_DATA
    ),
    "guild": Entry("robo_xp_cli.nouns.data.guild", "Guilds that have data", panel=_DATA),
    "history": Entry(
        "robo_xp_cli.nouns.data.history", "What was changed, by whom", verb="history", panel=_DATA
    ),
    "events": Entry(
        "robo_xp_cli.nouns.data.events", "The event stream", verb="events", panel=_DATA
    ),
    "undo": Entry(
        "robo_xp_cli.nouns.data.history", "Take one change back", verb="undo", panel=_DATA
    ),
    "publish": Entry(
        "robo_xp_cli.nouns.faces.publish",
        "Write the pages of public guilds",
        verb="publish",
        panel=_DATA,
    ),
    "import": Entry(
        "robo_xp_cli.nouns.data.transfer", "Read XP from other bots", verb="import", panel=_DATA
    ),
    "export": Entry(
        "robo_xp_cli.nouns.data.transfer", "Write XP to a file", verb="export", panel=_DATA
    ),
    "backup": Entry("robo_xp_cli.nouns.data.backup", "One file of everything", panel=_DATA),
    "vault": Entry("robo_xp_cli.nouns.data.vault", "Check and repair the files", panel=_DATA),
    "init": Entry(
        "robo_xp_cli.nouns.setup.init",
        "Set up: configuration, folders",
        verb="init",
        panel=_PROGRAM,
    ),
    "doctor": Entry(
        "robo_xp_cli.nouns.doctor.verbs", "Look whether all is well", verb="doctor", panel=_PROGRAM
    ),
    "daemon": Entry("robo_xp_cli.nouns.daemon.verbs", "The running daemon", panel=_PROGRAM),
    "service": Entry("robo_xp_cli.nouns.daemon.service", "A service of systemd", panel=_PROGRAM),
    "completion": Entry(
        "robo_xp_cli.nouns.program.completion", "Completion for the shell", panel=_PROGRAM
    ),
    "demo": Entry(
        "robo_xp_cli.nouns.program.demo", "A tour in a temporary vault", verb="demo", panel=_PROGRAM
    ),
}
