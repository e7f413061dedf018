"""Errors of the core: members, stores, settings, giveaways, history and the files of a vault."""

from __future__ import annotations

from collections.abc import Sequence

from robo_xp.errors.base import (
    Fault,
    InvalidValue,
    NotConfigured,
    NotFound,
    Refused,
    RoboXPError,
    VaultUnavailable,
)
from robo_xp.errors.extras import how_to_add


class InvalidId(InvalidValue):
    """An id is not a snowflake, or a store id is not allowed."""

    code = "INVALID_ID"
    advice = "ids are 17 to 20 digits; turn on Discord's developer mode and use Copy ID"


class InvalidAmount(InvalidValue):
    """An amount of XP is not a whole number in its range."""

    code = "INVALID_AMOUNT"


class InvalidDuration(InvalidValue):
    """A text is no length of time, or no instant."""

    code = "INVALID_DURATION"


class InvalidConfig(InvalidValue):
    """Settings have at least one fault; all of them are listed."""

    code = "INVALID_CONFIG"
    advice = "nothing was stored; correct each line and try again"

    def __init__(self, faults: Sequence[Fault], *, advice: str | None = None) -> None:
        message = "; ".join(str(fault) for fault in faults)
        super().__init__(message, advice=advice, faults=faults)


class InvalidRows(InvalidConfig):
    """Rows of a bulk change have faults; each is listed with its line."""

    code = "INVALID_ROWS"
    advice = "nothing was changed; correct the lines, or apply the good ones with --keep-going"


class GuildNotFound(NotFound):
    """The guild has no data here."""

    code = "GUILD_NOT_FOUND"
    advice = "see 'robo-xp guild list' for the guilds that have data"


class StoreNotFound(NotFound):
    """The store has no data in this guild."""

    code = "STORE_NOT_FOUND"
    advice = "see 'robo-xp store list' for the stores of this guild"


class MemberNotFound(NotFound):
    """The member has no record in this store."""

    code = "USER_NOT_FOUND"
    advice = "see 'robo-xp xp list' for the members that have a record"


class NotRanked(MemberNotFound):
    """The member has no XP, so no place on the board."""

    code = "NOT_RANKED"


class RewardNotFound(NotFound):
    """No reward is set for this level."""

    code = "REWARD_NOT_FOUND"
    advice = "see 'robo-xp reward list'"


class PeriodNotFound(NotFound):
    """Nothing is kept of this day, week or month."""

    code = "PERIOD_NOT_FOUND"
    advice = "see 'robo-xp period list'"


class BoostNotFound(NotFound):
    """The guild has no boost with this id."""

    code = "BOOST_NOT_FOUND"
    advice = "see 'robo-xp boost list'"


class BatchNotFound(NotFound):
    """The journal and its archive hold no batch with this number."""

    code = "BATCH_NOT_FOUND"
    advice = "see 'robo-xp history' for the batches that are kept"


class GiveawayNotFound(NotFound):
    """The guild has no giveaway with this id."""

    code = "GIVEAWAY_NOT_FOUND"
    advice = "see 'robo-xp giveaway list --all' for the giveaways of this guild"


class FolderGiven(InvalidValue):
    """A folder was given where a file is wanted."""

    code = "FOLDER_GIVEN"
    advice = "give the path of a file"


class FileMissing(NotFound):
    """A file that was named does not exist."""

    code = "FILE_NOT_FOUND"
    http_status = 400
    advice = "check the path"


class LimitExceeded(Refused):
    """The change would pass a limit."""

    code = "LIMIT_EXCEEDED"


class CurveCodeRefused(InvalidValue):
    """The function that ``get_curve`` names cannot be loaded, or others could change it."""

    code = "CURVE_CODE_REFUSED"
    advice = (
        "put the module beside the configuration file or into Python's path, and let only its"
        " owner write it and its folder: chmod go-w"
    )


class DangerousRole(Refused):
    """A reward would let whoever reaches its level manage the guild."""

    code = "DANGEROUS_ROLE"
    advice = (
        "take these permissions from the role, or say that it is meant: robo-xp reward add"
        " LEVEL ROLE --dangerous, or dangerous: true in JSON"
    )

    @classmethod
    def of(cls, role_id: str, permissions: Sequence[str], level: int | None) -> DangerousRole:
        """The error for a role with these permissions at a level, where that is known."""
        names = ", ".join(name.replace("_", " ") for name in permissions)
        named = {"ROLE": role_id} if level is None else {"ROLE": role_id, "LEVEL": level}
        return cls(f"who has role {role_id} may {names}", named=named)


class DuplicateReward(Refused):
    """The level gives another role already."""

    code = "DUPLICATE_REWARD"
    advice = "remove that reward first: robo-xp reward remove LEVEL"


class UndoUnclear(Refused):
    """Later batches make it unclear what undoing this one would mean."""

    code = "UNDO_UNCLEAR"
    advice = "undo the later batch first, or set the values by hand"


class AlreadyUndone(Refused):
    """The batch was undone before."""

    code = "ALREADY_UNDONE"


class GiveawayNotActive(Refused):
    """The giveaway is over, or its end has passed."""

    code = "GIVEAWAY_NOT_ACTIVE"
    advice = "it keeps its result; start another one"


class GiveawayDrawing(GiveawayNotActive):
    """The entries are closed, and the draw waits for its round of the beacon."""

    code = "GIVEAWAY_DRAWING"
    advice = (
        "a running daemon draws by itself then; without one give the round's signature:"
        " robo-xp giveaway beacon ID SIGNATURE"
    )


class NothingWaits(Refused):
    """No draw of the giveaway waits for a round of the beacon."""

    code = "NOTHING_WAITS"
    advice = "see 'robo-xp giveaway info ID'"


class WrongSignature(Refused):
    """A signature is not that of the round that the draw waits for."""

    code = "WRONG_SIGNATURE"
    advice = "give the signature that the chain tells for this round: 96 hex digits"


class GiveawayNotEnded(Refused):
    """The giveaway has not been drawn."""

    code = "GIVEAWAY_NOT_ENDED"
    advice = "end it first: robo-xp giveaway end ID"


class NoEntriesLeft(Refused):
    """Nobody is left who could win."""

    code = "NO_ENTRIES_LEFT"
    advice = "everybody who entered has won, or is not eligible any more"


class TemplateNotFound(NotFound):
    """No template of giveaways has this name."""

    code = "TEMPLATE_NOT_FOUND"
    advice = "see 'robo-xp giveaway template list'"


class NoWinner(Refused):
    """The member has not won the giveaway."""

    code = "NO_WINNER"
    advice = "the winners are in 'robo-xp giveaway info ID'"


class ClaimExpired(Refused):
    """The time to claim the prize is over."""

    code = "CLAIM_EXPIRED"
    advice = "somebody else wins in this place; see 'robo-xp giveaway info ID'"


class SecretMissing(Refused):
    """The secret that the giveaway's draws are made of is gone, so nobody can draw."""

    code = "SECRET_MISSING"
    advice = "restore it from a backup, or cancel the giveaway"


class FileExists(Refused):
    """A file that would be written is there already."""

    code = "FILE_EXISTS"
    advice = "give another name"


class TooFarBack(Refused):
    """What is kept does not reach back to that moment."""

    code = "TOO_FAR_BACK"
    advice = "choose a later time, or give an older backup"


class ChangeUnfinished(VaultUnavailable):
    """A change of several namespaces is on record and not done; the next command sees to it."""

    code = "CHANGE_UNFINISHED"
    advice = (
        "make room or mend the permissions; the next command of any kind finishes or undoes it,"
        " and says so"
    )


class PictureFailed(RoboXPError):
    """A picture could not be drawn."""

    code = "PICTURE_FAILED"


class TemplateWrong(InvalidValue):
    """A card template has a fault; the message names its line where that is known."""

    code = "TEMPLATE_WRONG"
    advice = "correct the template, or leave it out for the one that comes with Robo XP"


class ExtraMissing(NotConfigured):
    """A package that this needs is an extra, and it is not installed."""

    code = "EXTRA_MISSING"

    def __init__(self, message: str, extra: str) -> None:
        super().__init__(message, advice=how_to_add(extra))
