"""Bulk changes: rows out of files, all checked, applied as one batch or not at all."""

from __future__ import annotations

import gzip
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from robo_xp import RoboXP
from robo_xp.errors import InvalidRows, InvalidValue, RoundedIds
from robo_xp.model import MAX_XP
from robo_xp.usecases.members.bulk import Applied
from robo_xp.usecases.members.rows import Defaults, Row, rows_in
from robo_xp.vault import Origin
from tests.usecases.small import ANN, BOB, CARL, GUILD, XP, held, memory, stored


def rows(text: str, op: str | None = None) -> list[Row]:
    """The rows of a file with this content."""
    return list(rows_in(text.encode(), Defaults(op)))


def apply(robo: RoboXP, text: str, **options: Any) -> Applied:
    """The rows of a file, applied; members are named by id."""
    return robo.xp.apply(
        GUILD, rows(text, options.pop("op", None)), resolve=options.pop("resolve", str), **options
    )


def faults(text: str, op: str | None = None) -> dict[int, str]:
    """The faults of the rows by line."""
    return {row.line: row.fault for row in rows(text, op) if row.fault is not None}


def test_rows_of_a_program() -> None:
    """A program gives mappings; a bad one is named by its place, and nothing is changed."""
    with memory() as robo:
        done = robo.xp.apply(
            GUILD,
            [{"op": "give", "user": ANN, "amount": 9}, {"user": ANN, "op": "set", "amount": 5}],
        )
        assert (done.applied, robo.xp.get(GUILD, ANN)) == (2, 5)

        with pytest.raises(InvalidRows) as caught:
            robo.xp.apply(
                GUILD, [{"op": "give", "user": ANN, "amount": 5}, {"op": "set", "user": "Ann"}]
            )
        assert [fault.where for fault in caught.value.faults] == ["line 2"]
        assert robo.xp.get(GUILD, ANN) == 5


# -- reading --------------------------------------------------------------------------------

GIVE = Row(2, "give", ANN, 5)


@pytest.mark.parametrize(
    "text",
    [
        f"op,user,amount\ngive,{ANN},5\n",
        f"op,user,amount\r\ngive,{ANN},5\r\n",
        f"\ufeffop,user,amount\ngive,{ANN},5",
        f" OP ;User; Amount\n give ; {ANN} ; 5 \n",
        f"amount\tuser\top\n5\t{ANN}\tgive\n",
        f'"op","user","amount"\n"give","{ANN}","5"\n\n , ,\n',
        f'\n{{"op": "give", "user": "{ANN}", "amount": 5}}\n',
        f'\n{{"op": "give", "user": "{ANN}", "amount": "5"}}',
    ],
)
def test_the_same_row_in_many_spellings(text: str) -> None:
    """Delimiters, quotes, line ends, a byte order mark and blank lines make no difference."""
    assert rows(text) == [GIVE]


def test_what_a_row_may_leave_out() -> None:
    """The op comes from outside where a row has none, and deleting needs no amount."""
    assert rows(f"user,amount\n{ANN},5\n", "give") == [GIVE]
    assert rows(f"user\n{ANN}\n", "delete") == [Row(2, "delete", ANN)]
    assert rows(f"user,op\n{ANN},recalc\n", "delete") == [Row(2, "recalc", ANN)]
    assert rows("user,op\n\n") == rows("[]") == []


@pytest.mark.parametrize("text", ["", "\n \n", "\ufeff"])
def test_an_empty_file_is_refused(text: str) -> None:
    """What was to write it may have failed."""
    with pytest.raises(InvalidValue, match="empty"):
        rows(text)


def test_reasons_with_line_breaks_keep_the_lines_right() -> None:
    """A quoted line break belongs to its cell, and later faults name the lines of the file."""
    text = f'op,user,amount,reason\ngive,{ANN},5,"two\nlines, one cell"\nset,{BOB},x,\n'

    first, second = rows(text)

    assert (first.line, first.reason) == (2, "two\nlines, one cell")
    assert second.line == 4
    assert second.fault is not None


@pytest.mark.parametrize(
    ("text", "op", "says"),
    [
        (f"user,amount\n{ANN},5\n{BOB},6\n", None, "no column 'op'"),
        (f"user\n{ANN}\n{BOB}\n", "give", "no column 'amount'"),
        ("op,amount\ngive,5\ngive,6\n", None, "no single column 'user'"),
    ],
)
def test_a_missing_column_is_one_error(text: str, op: str | None, says: str) -> None:
    """Of the header, and not one of each row."""
    with pytest.raises(InvalidRows, match=says) as refused:
        rows(text, op)

    assert [fault.where for fault in refused.value.faults] == ["line 1"]


@pytest.mark.parametrize("closing", ["", 'Carl",7'])
def test_a_quote_too_many_is_the_fault_of_its_line(closing: str) -> None:
    """Members by name, too: rows after it are rows."""
    text = f'user,amount\nAnn,5\n"Bob,6\n{closing}\nDora,8\nEve,9\n'

    found = rows(text, "give")

    assert {row.user for row in found if row.fault is None} >= {"Ann", "Dora", "Eve"}
    assert next(iter(faults(text, "give"))) == 3


@pytest.mark.parametrize(
    ("row", "says"),
    [
        ("give,{0},", "amount must be a whole number from 1, and there is none"),
        ("give,{0},0", "not 0"),
        ("give,{0},-5", "not '-5'"),
        ("give,{0},0.5", "whole number from 1"),
        ("give,{0},1.234", "could be 1 or 1234"),
        ("give,{0},15e-1", "not '15e-1'"),
        ("give,{0},_5", "not '_5'"),
        ("give,{0},5_", "not '5_'"),
        ("give,{0},\u0665", "amount"),
        (f"give,{{0}},{MAX_XP + 1}", "amount"),
        ("give,{0}," + "9" * 5_000, "amount"),
        ("set,{0},-1", "a number from 0"),
        ("grant,{0},5", "unknown op 'grant' (give, remove, set, delete, recalc)"),
        (",{0},5", "has no op"),
        ("give,,5", "user must be"),
        ("give,{0},5,because,more", "has 5 cells under 4 columns"),
        ("give,{0},5," + "x" * 513, "reason has 513 characters"),
        ('give,{0},5,"open', "cannot be read as CSV"),
    ],
)
def test_faults_of_csv_rows(row: str, says: str) -> None:
    """Each row that cannot be used says why, with its line, and the others are still read."""
    text = f"op,user,amount,reason\ngive,{BOB},1,\n{row.format(ANN)}"

    assert list(faults(text)) == [3]
    assert says in faults(text)[3]


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("{", "is no JSON object"),
        ("[1]", "is no JSON object"),
        ('{"user": 5, "op": "give", "amount": 1}', "17 to 20 digits"),
        ('{"user": "x", "op": "give", "amount": [1]}', "not a list"),
        ('{"user": "x", "op": "give", "amount": true}', "not true"),
        ('{"user": "x", "op": "give", "amount": null}', "there is none"),
        ('{"user": "x", "op": ["give"], "amount": 1}', "unknown op"),
        ('{"user": "x", "op": "give", "amount": 1, "reason": 5}', "reason must be text"),
        ('{"user": "x", "op": "give", "amount": 1, "coins": 5}', "unknown field 'coins'"),
    ],
)
def test_faults_of_json_lines(line: str, says: str) -> None:
    """A line that is no such object says why, and the others are still read."""
    good = json.dumps({"op": "give", "user": ANN, "amount": 5})

    assert list(faults(f"{good}\n{line}\n{good}")) == [2]
    assert says in faults(f"{good}\n{line}")[2]


@pytest.mark.parametrize(
    ("header", "says"),
    [
        ("op,amount", "no single column 'user'"),
        ("user,user", "more than once"),
        ("user,coins", "'coins'"),
    ],
)
def test_a_header_that_cannot_be(header: str, says: str) -> None:
    """Without a proper header no row can be read, and the error says what it should be."""
    with pytest.raises(InvalidRows, match=says) as caught:
        rows(f"{header}\n{ANN},5\n")
    assert "op, user, amount, reason" in caught.value.advice


@given(st.text())
def test_any_text_is_read_or_refused(text: str) -> None:
    """Whatever a file holds, reading it ends in rows or in one clear error."""
    try:
        found = rows(text)
    except InvalidValue:
        return
    assert all(row.fault is not None or row.op for row in found)


def test_what_other_commands_write_is_read_back() -> None:
    """Rows of ``xp list``, arrays of JSON, whole exports: member and XP are found, the rest is not
    in the way; amounts and files may be written as people and spreadsheets write them.
    """
    row = {"userId": ANN, "name": "Ada", "xp": 5, "level": 0, "messages": 1, "lastAwardedAt": 0}
    listed = f"userId,name,xp,level,messages\n{ANN},Ada,5.0,0,1\n"
    array, export = json.dumps([row]), json.dumps({"format": "robo-xp-export", "members": [row]})

    assert [(one.user, one.amount, one.op) for one in rows(listed, "set")] == [(ANN, 5, "set")]
    for text in (array, export):
        assert rows(text, "set") == [Row(1, "set", ANN, 5)]
    assert list(rows_in(listed.encode("utf-16"), Defaults("set"))) == rows(listed, "set")
    assert list(rows_in(gzip.compress(array.encode()), Defaults("set"))) == rows(array, "set")


@pytest.mark.parametrize(
    ("written", "amount"),
    [("1,234,567", 1_234_567), ("1.234.567", 1_234_567), ("12.5k", 12_500), ("1e6", 10**6)],
)
def test_amounts_as_people_write_them(written: str, amount: int) -> None:
    """Groups, thousands in short and whole scientific numbers are what they mean."""
    (row,) = rows(f'op,user,amount\ngive,{ANN},"{written}"\n')

    assert (row.amount, row.fault) == (amount, None)


def test_fractions_are_cut_and_told() -> None:
    """An amount is rounded down, and the result says how much was lost by it."""
    done = apply(memory(), f"op,user,amount\ngive,{ANN},5.75\ngive,{BOB},2.5\n")

    assert (done.applied, done.cut) == (2, 1.25)


def test_ids_that_a_spreadsheet_rounded_are_refused() -> None:
    """Nobody can tell whose XP they are."""
    for user in ("1.60686E+17", "160686414550454000"):
        with pytest.raises(RoundedIds):
            rows(f"op,user,amount\ngive,{user},5\n")


def test_the_same_key_a_second_time_changes_nothing() -> None:
    """The first batch is named; another key, or a dry run before, does not count."""
    robo = memory()
    text = f"op,user,amount\ngive,{ANN},5\n"
    assert apply(robo, text, once="may", dry_run=True).already is None
    done = apply(robo, text, once="may")
    again = apply(robo, text, once="may")

    assert (done.already, again.already, again.seq) == (None, done.seq, None)
    assert apply(robo, text, once="june").applied == 1
    assert robo.xp.get(GUILD, ANN) == 10


# -- applying -------------------------------------------------------------------------------

FILE = f"""op,user,amount,reason
give,{ANN},700,first
remove,{ANN},100,
give,{BOB},10,
set,{CARL},0,
delete,{BOB},,
recalc,{ANN},,
"""


def test_rows_apply_in_order_as_one_batch() -> None:
    """Each row sees those above it; all share one number, and their own or the file's reason."""
    robo = memory()
    done = apply(robo, FILE, reason="contest")

    assert (done.applied, done.skipped, done.failed, done.seq) == (5, 1, (), 1)
    assert (done.level_ups, done.level_downs) == (1, 1)
    assert {user_id: row[:2] for user_id, row in held(robo).items()} == {
        ANN: (600, 2),
        CARL: (0, 0),
    }
    [batch] = robo.vault.namespace(XP).batches()
    assert (batch.cmd, batch.reason) == ("xp apply", "contest")
    reasons = [event["reason"] for event in batch.raw_events() if event["type"] == "xpChange"]
    assert reasons == ["first", "contest", "contest", "contest"]


def test_one_bad_row_and_nothing_happens() -> None:
    """Faults of rows and of the state are all listed, by line, and nothing is stored."""
    robo = memory()
    text = f"op,user,amount\ngive,{ANN},5\ngive,{BOB},x\nremove,{CARL},5\ngive,12,5\n"

    with pytest.raises(InvalidRows) as caught:
        apply(robo, text)

    assert [fault.where for fault in caught.value.faults] == ["line 3", "line 4", "line 5"]
    assert "has no record" in caught.value.faults[1].message
    assert not robo.vault.namespace(XP).exists()


def test_going_on_without_the_bad_rows() -> None:
    """The good rows are applied in one batch, the others reported."""
    robo = memory()
    text = f"op,user,amount\ngive,{ANN},5\nremove,{CARL},5\ngive,{ANN},{MAX_XP}\n"

    done = apply(robo, text, keep_going=True)

    assert (done.applied, done.seq) == (1, 1)
    assert [fault.where for fault in done.failed] == ["line 3", "line 4"]
    assert robo.xp.get(GUILD, ANN) == 5


def test_with_only_bad_rows_there_is_no_batch() -> None:
    """Where nothing could be applied, nothing is written."""
    robo = memory()
    done = apply(robo, "user\n12\n", op="recalc", keep_going=True)

    assert (done.applied, len(done.failed), done.seq) == (0, 1, None)


def test_a_dry_run_says_what_would_happen() -> None:
    """The preview has the figures of the change and stores nothing."""
    robo = memory()
    trial = apply(robo, FILE, dry_run=True)

    assert stored(robo) == {}
    done = apply(robo, FILE)
    assert (trial.applied, trial.skipped, trial.level_ups) == (5, 1, done.level_ups)
    assert (trial.seq, trial.dry_run, done.dry_run) == (None, True, False)


def test_recalc_counts_only_what_was_wrong() -> None:
    """A level that was right is skipped; one that was not is applied."""
    robo = memory()
    robo.xp.add(GUILD, ANN, 700)
    with robo.vault.namespace(XP).transaction(Origin("test", "keep")) as transaction:
        transaction.put("users", BOB, {**stored(robo)[ANN], "level": 9})

    done = apply(robo, f"user\n{ANN}\n{BOB}\n", op="recalc")

    assert (done.applied, done.skipped, done.level_downs) == (1, 1, 1)


def test_stopping_in_the_middle() -> None:
    """An interruption between two rows leaves everything as it was."""
    robo = memory()
    robo.xp.add(GUILD, ANN, 1)
    before = stored(robo)
    steps: list[None] = []

    def stop() -> None:
        steps.append(None)
        if len(steps) == 4:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        apply(robo, FILE, step=stop)

    assert stored(robo) == before
    assert robo.xp.add(GUILD, ANN, 1).seq == 2


def test_names_are_looked_up_for_each_row() -> None:
    """What a row calls a member goes through the caller's look-up."""
    robo = memory()
    apply(robo, "user,amount\nann,5\n", op="give", resolve={"ann": ANN}.__getitem__)

    assert robo.xp.get(GUILD, ANN) == 5
