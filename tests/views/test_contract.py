"""The keys of each view: scripts and dashboards are written against them."""

from __future__ import annotations

from importlib import import_module
from pkgutil import iter_modules
from typing import Any

import msgspec
import pytest

import robo_xp.views
from robo_xp.views.shape import View

# a view by its module and name -> its keys in their order; ``?`` marks one that may be left out
_GIVEAWAY = (
    "id guildId channelId messageId prize winnersCount endsAt startedBy host status "
    "allowRoleIds denyRoleIds minAccountAgeDays requirements bypassRoleIds bonusEntries "
    "bonusMode buttonLabel dmWinners recheckAtDraw drop startsAt lastsFor series claimFor "
    "claimRounds claimRound claims owed lastChance pingRoleId imageUrl colour entriesPublic "
    "winners rerolls createdAt finalizedAt cronJobId "
    "commitment secret entriesDigest draws beacon closing waiting restored pending "
    "pseudonyms?"
)

_TEMPLATE = (
    "name prize? channelId? duration? winners? allowRoleIds? denyRoleIds? minAccountAgeDays? "
    "requirements? bypassRoleIds? bonusEntries? bonusMode? drop? claim? claimRounds? lastChance? "
    "pingRoleId? imageUrl? colour? entriesPublic?"
)

KEYS = {
    "board.Board": "entries pagination",
    "board.BoardCut": "entries total offset limit period?",
    "board.BoardEntry": "rank userId name? xp level",
    "board.Members": "users pagination",
    "board.Pagination": "total offset limit totalPages currentPage hasNext hasPrev hasMore",
    "boost.BoostAdded": "id name factor from until weekly tz channels roles seq dryRun",
    "boost.BoostEnded": "id seq dryRun",
    "boost.BoostRow": "id name factor from until weekly tz channels roles state",
    "boost.BoostStretch": "from until factor names",
    "boost.BoostView": "id name factor from until weekly tz channels roles",
    "boost.WeeklyWindow": "days from to tz",
    "card.Card": (
        "userId name rank total level xp inLevel toNext percentage unit boost boostUntil "
        "voiceSeconds accent"
    ),
    "curve.Curve": "type params? maxLevel",
    "curve.CurveChanged": (
        "type params? maxLevel guildId storeId? source changed up down sample seq dryRun"
    ),
    "curve.CurveInForce": "type params? maxLevel source levels",
    "curve.CurvePoints": "type params? maxLevel points",
    "curve.LevelCost": "level cost total",
    "curve.Outlook": "type params? maxLevel changed up down sample members highest median source?",
    "daemon.ChannelOutlook": "channelId obstacle",
    "daemon.DaemonStatus": (
        "version shards pid startedAt uptimeSeconds state healthy causes guilds latencySeconds "
        "messages backlog effectsLeft dataDir config socket listen refused progress warnings"
    ),
    "daemon.Discord": "ready guilds latencySeconds",
    "daemon.Glance": (
        "guildId storeId at windowSeconds awardsPerMinute xpPerMinute awards members levelUps "
        "levelDowns history rising giveaways daemon"
    ),
    "daemon.HealthStatus": "status timestamp uptime discord vault flashcore version",
    "daemon.Obstacle": "code what mend",
    "daemon.RefusalRow": (
        "guildId kind code what mend since triedAt members userIds storeId roleId channelId "
        "giveawayId"
    ),
    "daemon.Reloaded": "needsRestart",
    "daemon.Riser": "userId name? gained levels xp level rank",
    "daemon.RoleMembers": "roleId userIds complete",
    "daemon.RoleOutlook": "roleId dangerous obstacle",
    "daemon.Stopping": "pid",
    "daemon.Synced": "commands",
    "daemon.VaultState": "accessible",
    "daemon.WorkProgress": "what guildId done left secondsLeft",
    "giveaway.Beacon": "chain delayMs waitMs round",
    "giveaway.BeaconRound": "round signature askedAt",
    "giveaway.BeaconTaken": "chain round",
    "giveaway.Closing": "at entries digest root",
    "giveaway.Draw": (
        "number count candidates digest at by reason rechecked dropped xpSeq beacon boundDigest?"
    ),
    "giveaway.Entered": "id entered already refused entries receipts seq dryRun",
    "giveaway.Entry": "userId name? weight enteredAt number",
    "giveaway.EntryRefused": "userId name? faults",
    "giveaway.Finished": (
        "id guildId status winners rerolls finalizedAt pending missing commitment secret "
        "entriesDigest beacon seq dryRun"
    ),
    "giveaway.Giveaway": _GIVEAWAY,
    "giveaway.GiveawayChanged": "giveaway changed winners missing seq",
    "giveaway.GiveawayDocument": f"{_GIVEAWAY} entryCount entries? entryNumbers?",
    "giveaway.GiveawayEntries": "id entries entrants pagination",
    "giveaway.GiveawayList": "active recent",
    "giveaway.GiveawayRow": "id prize status entries winnersCount endsAt messageId channelId",
    "giveaway.GiveawayStored": f"{_GIVEAWAY} seq dryRun",
    "giveaway.GiveawayView": f"{_GIVEAWAY} entries",
    "giveaway.HandedOver": "id userId state at seq dryRun",
    "giveaway.Left": "id left absent entries seq dryRun",
    "giveaway.Requirements": (
        "rolesAny? rolesAll? rolesNone? minLevel? minXp? minMessages? minVoiceMinutes? "
        "accountAge? memberAge? boosters?"
    ),
    "giveaway.Claim": "state until at",
    "giveaway.Series": "id number every left until slot tz",
    "giveaway.TakenBack": "at status winners finalizedAt",
    "giveaway.Unmet": "requirement message",
    "giveaway.WaitingDraw": "number count digest round at by reason owed",
    "giveaway.Verified": "id valid drawn commitment winners rerolls faults notes",
    "giveaway_template.Template": _TEMPLATE,
    "giveaway_template.TemplateChanged": f"{_TEMPLATE} seq dryRun",
    "history.HistoryRow": "seq ts by cmd reason members delta undoes undoneBy what",
    "history.ShownBatch": ("seq ts by cmd reason members delta undoes undoneBy what changes"),
    "history.Undone": "undone seq members cmd delta dryRun",
    "member.Applied": "guildId storeId applied skipped failed levelUps levelDowns seq dryRun",
    "member.BadRow": "line error",
    "member.Change": (
        "guildId storeId userId name? oldXp newXp delta oldLevel newLevel leveledUp "
        "leveledDown capped seq dryRun"
    ),
    "member.Changes": "changes seq dryRun",
    "member.Check": "check passed detail setBy",
    "member.Day": "day xp",
    "member.Deleted": "guildId storeId deleted seq dryRun",
    "member.Erased": "erased pseudonym backups seq dryRun",
    "member.ErasedCounts": "records names entries periods",
    "member.Factors": "server role channel user boosts product boostNames",
    "member.LevelCheck": "userId name? oldLevel newLevel totalXp reconciled",
    "member.LevelMove": "userId name? oldLevel newLevel totalXp",
    "member.Member": (
        "userId name? xp level messages xpMessages lastAwardedAt hidden voiceSeconds"
    ),
    "member.MemberOnTheWay": "user progress percentage",
    "member.PersonalData": ("guildId userId name? exportedAt stores giveaways documents history"),
    "member.Place": "rank total percentile isTopHundred user",
    "member.Progress": "level inLevel toNext percentage",
    "member.Pruned": "pruned xp sample seq dryRun",
    "member.PrunedMember": "userId name? xp lastAwardedAt",
    "member.Range": "min max",
    "member.Recalculation": (
        "guildId storeId userId name? oldLevel newLevel totalXp reconciled seq dryRun"
    ),
    "member.Recalculations": "guildId storeId seq dryRun results",
    "member.Standing": (
        "userId name? xp level messages xpMessages lastAwardedAt hidden voiceSeconds "
        "rank total progress"
    ),
    "period.DecayDone": "decayed xp alreadyDone seq dryRun",
    "period.PeriodClosing": "kind from to closed members top seq dryRun",
    "period.PeriodMember": "userId name? xp",
    "period.PeriodSpan": "kind from to closed",
    "period.PeriodView": "kind from to closed members top",
    "page.BoardDays": "kind first last",
    "page.BoardPage": "entries number pages days",
    "page.FinishedGiveaway": "id prize winners entries",
    "page.GuildPage": (
        "guildId storeId stores title unit total least most cooldownSeconds rewards levels "
        "giveaways"
    ),
    "page.MemberPage": "userId name rank xp messages progress days",
    "page.NamedMember": "userId name",
    "page.NamesPage": "prefix key members",
    "page.Published": "guilds written removed unchanged",
    "page.Reward": "level roleId name",
    "member.Visibility": "changed seq dryRun",
    "member.Why": "outcome reason checks multiplier amount",
    "settings.AppliedFile": "guildId storeId changes levels seq giveawaysSeq dryRun",
    "settings.ConfigChanged": "guildId storeId? changed config levels seq dryRun",
    "settings.Difference": "key old new",
    "settings.Meaning": "key type unit min max choices default value setBy help",
    "settings.MovedLevels": "changed up down",
    "settings.RulesChanged": (
        "guildId storeId changed rewards? rewardsMode? removeRewardOnXpLoss? multipliers? "
        "noXpRoleIds? noXpChannelIds? seq dryRun"
    ),
    "settings.Setting": "key value source",
    "shape.Fault": "where message",
    "store.BoardVisibility": "public",
    "store.Guild": "guildId name? stores members damaged",
    "store.MembersAtLevel": "level members",
    "store.Stats": "users xp messages levels config leaderboard",
    "store.Store": "storeId members ranked totalXp messages ownSettings seq",
    "store.StoreConfig": "cooldownSeconds xpRate rewardsCount multipliersCount",
    "store.StoreCopied": "source target members settings seq dryRun sourceSeq",
    "store.StoreDeleted": "storeId members settings seq dryRun",
    "store.StoreStats": (
        "storeId members ranked totalXp messages ownSettings seq guildId averageXp medianXp "
        "levels top lastAwardedAt"
    ),
    "store.StoreUsers": "total tracked ranked topUser",
    "store.StoreXP": "total average median lastAwardedAt",
    "transfer.Exported": "file format members bytes",
    "transfer.GiveawaysImported": (
        "read ended active unchanged otherGuilds skipped leftOut seq dryRun settings?"
    ),
    "transfer.Imported": (
        "source storeId read added changed unchanged repeated otherGuilds skipped levelsInFile "
        "seq dryRun settings? stores? giveaways?"
    ),
    "transfer.LevelsInFile": ("compared equal different bestCurve equalOnBestCurve bestCurveSpec"),
    "transfer.SettingsTaken": "changed leftOut? seq?",
    "transfer.Skipped": "file? line error",
    "vault.Backup": "file size namespaces batches startedAt createdAt damaged removed",
    "vault.BackupInside": (
        "file size startedAt createdAt namespaces batches members guilds damaged"
    ),
    "vault.BackupRow": "file createdAt size namespaces batches whole what",
    "vault.BatchRange": "first last",
    "vault.Checked": "namespaces batches members damaged warnings unread",
    "vault.Compacted": "compacted unchanged damaged dryRun",
    "vault.Damage": "file byte what",
    "vault.GuildInside": "guildId stores members giveaways activeGiveaways",
    "vault.MovedVault": "source target namespaces batches dryRun",
    "vault.NamespaceSize": (
        "name seq members snapshotBytes journalBytes archiveBytes generation schemaVersion error?"
    ),
    "vault.Note": "file what",
    "vault.OverNow": "guildId id prize status reopened",
    "vault.RecordMended": "namespace what removed",
    "vault.RefusedNamespace": "namespace what",
    "vault.Repaired": "repaired refused records removed formatCopy intentCopy dryRun",
    "vault.RepairedNamespace": "namespace kept lost copies seq",
    "vault.Restored": "file at namespaces giveaways kept damaged dryRun",
    "vault.RestoredNamespace": "namespace fromSeq ts seq late",
    "vault.StoreInside": "storeId members totalXp seq ts",
    "vault.VaultSize": "dataDir format durability namespaces totals",
    "vault.VaultTotals": "namespaces members snapshotBytes journalBytes archiveBytes",
}


def views() -> dict[str, type[View]]:
    """Every view by its module and name."""
    found: dict[str, type[View]] = {}
    for module in iter_modules(robo_xp.views.__path__):
        home = import_module(f"robo_xp.views.{module.name}")
        for name, kind in vars(home).items():
            is_own = getattr(kind, "__module__", "") == home.__name__ and isinstance(kind, type)
            if is_own and issubclass(kind, View) and kind is not View:
                found[f"{module.name}.{name}"] = kind
    return found


def key_of(field: Any) -> str:
    """The key of a field, marked where it may be left out."""
    return f"{field.encode_name}{'?' if field.default is msgspec.UNSET else ''}"


def test_every_view_has_a_contract() -> None:
    """No view comes or goes without its keys being written down here."""
    assert sorted(views()) == sorted(KEYS)


@pytest.mark.parametrize("name", KEYS)
def test_the_keys_of_a_view(name: str) -> None:
    """A view has these keys in this order, and leaves out no other than those marked."""
    assert " ".join(map(key_of, msgspec.structs.fields(views()[name]))) == KEYS[name]


@pytest.mark.parametrize("name", KEYS)
def test_ids_are_text_and_times_are_whole(name: str) -> None:
    """Whatever is called an id is text, and each instant counts milliseconds from 0 on."""
    properties = msgspec.json.schema(views()[name])["$defs"][name.split(".")[1]]["properties"]
    for key, schema in properties.items():
        kinds = {part.get("type") for part in schema.get("anyOf", [schema])} - {"null"}
        if key.endswith("Id"):
            assert kinds == {"string"}, key
        if key.endswith("At"):
            assert kinds == {"integer"}, key
