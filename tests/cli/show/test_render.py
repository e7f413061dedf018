"""How results look: for people at a terminal, for pipes, for scripts, and when stdout breaks."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from robo_xp.errors import InvalidValue
from robo_xp_cli.show import lines as render_text
from robo_xp_cli.show.render import View, render
from robo_xp_cli.show.results import Column, One, Result, Rows, Stream, Text
from robo_xp_cli.show.words import without_controls
from tests.cli.shell import in_shell, on_terminal, spawned, toy
from tests.cli.toy import COLUMNS, MEMBERS

IDS = [member["userId"] for member in MEMBERS]
ANY_TEXT = st.text(st.characters(exclude_categories=["Cs"]))
ROWS = Rows(["userId", "name", "xp"], [{"userId": "1", "name": "a", "xp": 5, "p": {"q": [1]}}])
ONE = One({"userId": "1", "xp": 5, "p": {"q": 2}})


def printed(capsys: pytest.CaptureFixture[str], result: Result, **view: Any) -> str:
    """What a result looks like on stdout when it is no terminal."""
    render(result, View(**view))
    return capsys.readouterr().out


@pytest.mark.parametrize(
    ("result", "output", "expected"),
    [
        (ROWS, "json", '[\n  {"userId": "1", "name": "a", "xp": 5, "p": {"q": [1]}}\n]\n'),
        (ROWS, "jsonl", '{"userId": "1", "name": "a", "xp": 5, "p": {"q": [1]}}\n'),
        (ROWS, "csv", "userId,name,xp\n1,a,5\n"),
        (ROWS, "tsv", "userId\tname\txp\n1\ta\t5\n"),
        (ROWS, "table", "userId\tname\txp\n1\ta\t5\n"),
        (ROWS, "ids", "1\n"),
        (Rows(["userId"], []), "json", "[]\n"),
        (Rows(["userId"], []), "jsonl", ""),
        (Rows(["userId"], []), "csv", "userId\n"),
        (Rows(["userId"], []), "ids", ""),
        (ONE, "json", '{"userId": "1", "xp": 5, "p": {"q": 2}}\n'),
        (ONE, "jsonl", '{"userId": "1", "xp": 5, "p": {"q": 2}}\n'),
        (ONE, "csv", "userId,xp,p.q\n1,5,2\n"),
        (ONE, "tsv", "userId\txp\tp.q\n1\t5\t2\n"),
        (ONE, "ids", "1\n"),
        (One({"winners": ["1", "2"]}, id_key="winners"), "ids", "1\n2\n"),
        (One({"total": 1}, table=ROWS), "json", '{"total": 1}\n'),
        (One({"total": 1}, table=ROWS), "csv", "userId,name,xp\n1,a,5\n"),
        (One({"total": 1}, table=ROWS), "ids", "1\n"),
        (Text("a\nb"), "table", "a\nb\n"),
        (Text("a"), "json", '{"text": "a"}\n'),
        (Text("a", data=[1]), "json", "[1]\n"),
        (Stream([{"seq": 1}]), "table", '{"seq": 1}\n'),
        (Stream([{"seq": 1}]), "json", '{"seq": 1}\n'),
        (Stream([{"seq": 1, "a": None}], columns=["a", "seq"]), "csv", "a,seq\n,1\n"),
        (Stream([{"seq": 1}]), "ids", "1\n"),
        (None, "json", ""),
    ],
)
def test_formats(
    capsys: pytest.CaptureFixture[str], result: Result, output: str, expected: str
) -> None:
    """Every kind of result has a fixed look in every format."""
    assert printed(capsys, result, output=output) == expected


def test_a_table_that_was_asked_for_is_drawn_in_a_pipe(capsys: pytest.CaptureFixture[str]) -> None:
    """Without a terminal ``-o table`` draws, and the plain lines can go without their header."""
    drawn = printed(capsys, ROWS, asked=True)
    assert "userId" not in drawn and "user" in drawn
    assert printed(capsys, ROWS, header=False) == "1\ta\t5\n"
    assert printed(capsys, ROWS, output="csv", header=False) == "1,a,5\n"
    assert printed(capsys, ONE, output="tsv", header=False) == "1\t5\t2\n"


@pytest.mark.parametrize(
    ("result", "output", "expected"),
    [
        (ROWS, "json", '[\n  {"xp": 5, "p.q": [1]}\n]\n'),
        (ROWS, "tsv", "xp\tp.q\n5\t[1]\n"),
        (ROWS, "table", "xp\tp.q\n5\t[1]\n"),
        (ONE, "json", '{"xp": 5, "p.q": 2}\n'),
        (ONE, "csv", "xp,p.q\n5,2\n"),
        (Stream([{"xp": 1, "p": {}}]), "jsonl", '{"xp": 1, "p.q": null}\n'),
    ],
)
def test_fields(
    capsys: pytest.CaptureFixture[str], result: Result, output: str, expected: str
) -> None:
    """Only the fields asked for are shown, in the order asked for, nested ones too."""
    assert printed(capsys, result, output=output, fields=("xp", "p.q")) == expected


@pytest.mark.parametrize("result", [ROWS, ONE])
@pytest.mark.parametrize("output", ["json", "csv", "table"])
def test_an_unknown_field_is_named(
    capsys: pytest.CaptureFixture[str], result: Result, output: str
) -> None:
    """A field that does not exist is an error that lists those that do, before any output."""
    with pytest.raises(InvalidValue, match="no field 'nope'") as caught:
        render(result, View(output=output, fields=("xp", "nope")))

    assert "userId" in caught.value.advice and "xp" in caught.value.advice
    assert capsys.readouterr().out == ""


def test_fields_of_nothing_are_checked_by_the_columns(capsys: pytest.CaptureFixture[str]) -> None:
    """An empty list still knows its columns."""
    assert printed(capsys, Rows(["a", "b"], []), output="csv", fields=("b",)) == "b\n"


def test_exit_code_and_notes(capsys: pytest.CaptureFixture[str]) -> None:
    """A result brings its exit code; notes go to stderr, and harmlessly."""
    code = render(Text("x", exit_code=4, notes=["careful \x1b"]), View())

    assert (code, capsys.readouterr().err) == (4, "careful \\x1b\n")


@pytest.mark.parametrize(
    ("changes", "expected"), [(False, ("x\n", "")), (True, ("", ""))], ids=["reading", "changing"]
)
def test_quiet(
    capsys: pytest.CaptureFixture[str], changes: bool, expected: tuple[str, str]
) -> None:
    """Quiet drops notes, and the results of changes but not those of questions."""
    render(Text("x", notes=["note"]), View(quiet=True, changes=changes))

    captured = capsys.readouterr()
    assert (captured.out, captured.err) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("=1+1", "'=1+1"),
        ("+1", "'+1"),
        ("-1", "'-1"),
        ("@cmd", "'@cmd"),
        (" =1", "' =1"),
        ("\u00a0=1", "'\u00a0=1"),
        ("＝1", "'＝1"),
        ("a=1", "a=1"),
        (-1, "-1"),
        (-1.5, "-1.5"),
        (True, "true"),
        (None, ""),
        (["=1"], '["=1"]'),
    ],
)
def test_spreadsheets_run_nothing(value: object, expected: str) -> None:
    """Text that a spreadsheet would run gets an apostrophe; numbers stay numbers."""
    lines = list(render_text.tsv(["v"], [{"v": value}], clean=str))

    assert lines == ["v\n", f"{expected}\n"]


def as_cell(text: str) -> str:
    """What a CSV reader is to find for this text."""
    return render_text.csv_clean(render_text.harmless(text))


@given(st.lists(st.lists(ANY_TEXT, min_size=2, max_size=2), max_size=5))
def test_csv_is_read_back(names: list[list[str]]) -> None:
    """A CSV reader gets the rows that were written, control characters as escapes."""
    rows = [{"a": first, "b": second} for first, second in names]
    whole = "".join(render_text.csv(["a", "b"], rows, clean=render_text.csv_clean))

    back = list(csv.reader(io.StringIO(whole, newline="")))

    assert [len(row) for row in back] == [2] * (len(rows) + 1)
    assert [row[0] for row in back[1:]] == [as_cell(row["a"]) for row in rows]


@given(st.lists(ANY_TEXT, max_size=5))
def test_tsv_is_a_line_for_each_row(names: list[str]) -> None:
    """Whatever is in a cell, a row is one line and a cell is one cell."""
    rows = [{"a": name, "b": 1} for name in names]
    whole = "".join(render_text.tsv(["a", "b"], rows, clean=without_controls))

    lines = whole.splitlines()

    assert len(lines) == len(names) + 1
    assert all(line.count("\t") == 1 for line in lines)


def test_json_for_scripts_keeps_hostile_text_harmless() -> None:
    """Scripts get back the exact text; a terminal that sees the document gets only escapes."""
    done = toy("toy", "list", "--json")

    assert json.loads(done.stdout) == MEMBERS
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e]", done.stdout)
    assert "Zoë" in done.stdout


def test_json_in_a_plain_locale_is_ascii() -> None:
    """Where the terminal knows only ASCII, JSON is written with escapes and means the same."""
    done = in_shell("toy toy list --json", LC_ALL="C", PYTHONUTF8="0")

    assert done.stdout.isascii()
    assert json.loads(done.stdout) == MEMBERS


@pytest.mark.parametrize("columns", [80, 200])
def test_a_table_fits_the_terminal(columns: int) -> None:
    """Whatever the width, lines are equally wide, ids whole, and only names fold."""
    seen = on_terminal("toy", "list", columns=columns)

    drawn = [line for line in seen.lines if line[0] in "╭│├╰"]
    assert seen.code == 0
    assert {len(line) for line in drawn if "日" not in line} == {len(drawn[0])}
    assert len(drawn[0]) <= columns
    for user_id in IDS:
        assert any(f"│ {user_id} │" in line for line in drawn)
    assert "1,234,567 │" in "".join(drawn)


def test_a_terminal_too_narrow_loses_nothing() -> None:
    """Rather than cutting an id each row has lines of its own, which fit where they can."""
    lines = on_terminal("toy", "list", "--no-color", columns=30).raw.decode().splitlines()

    assert all(f"  {user_id}" in lines for user_id in IDS)
    assert max(map(len, lines)) <= 30


def test_a_table_shows_hostile_text_as_text() -> None:
    """Neither escape sequences nor markup nor reversed text act on the terminal."""
    seen = on_terminal("toy", "list", columns=200)
    whole = "\n".join(seen.lines)

    for text in (r"\x1b[31mred\x1b[0m", "[red]markup[/red]", r"\u202eesrever\nnext\tcell", "=1+1"):
        assert text in whole
    assert b"\x1b[31m" not in seen.raw
    assert "日本語の名前" in whole


def test_times_are_for_people_on_a_terminal_only() -> None:
    """A terminal shows the date, a pipe the number."""
    assert "1970-01-01 00:00" in "\n".join(on_terminal("toy", "list", columns=200).lines)
    assert toy("toy", "list").stdout.splitlines()[1].endswith("\t0")


def test_no_colors_when_unwanted() -> None:
    """NO_COLOR and a dumb terminal get not one escape sequence."""
    assert b"\x1b" not in on_terminal("toy", "list", NO_COLOR="1").raw
    assert b"\x1b" not in on_terminal("toy", "list", TERM="dumb").raw


def test_no_color_option() -> None:
    """The option does what the variable does, for errors too."""
    assert b"\x1b" not in on_terminal("toy", "list", "--no-color").raw
    assert b"\x1b" not in on_terminal("toy", "fail", "missing", "--no-color").raw
    assert b"\x1b[1m" in on_terminal("toy", "list").raw


def test_ascii_borders_in_a_plain_locale() -> None:
    """Without UTF-8 the borders are ASCII and names are escaped, still aligned."""
    seen = on_terminal("toy", "list", columns=200, LC_ALL="C", PYTHONUTF8="0", LANG="C")

    assert seen.raw.isascii()
    assert r"Zo\xeb" in seen.raw.decode()
    assert len({len(line) for line in seen.lines[1:]}) == 1


def test_one_on_a_terminal_is_a_list_of_labels() -> None:
    """A single record is shown as labels and values, numbers with separators."""
    seen = on_terminal("toy", "give", "123456789012345678", "10k", "-g", IDS[0])

    assert seen.lines == ["member  123456789012345678", "XP      10,000", "saved"]


def test_one_with_a_table_shows_both() -> None:
    """A page on a terminal has its line and its table; the columns have their own headings."""
    lines = on_terminal("toy", "page").lines

    assert lines[0] == "6 members"
    assert "who" in lines[2]


def test_an_empty_list_says_so_to_people_only() -> None:
    """Nothing found is a word on a terminal's stderr and an empty list for scripts."""
    assert on_terminal("toy", "empty").lines == ["nothing to show"]
    assert toy("toy", "empty").stdout == "\t".join(COLUMNS) + "\n"


def test_text_is_harmless_on_a_terminal() -> None:
    """A text keeps its lines and loses its escape sequences."""
    assert on_terminal("toy", "text").lines == ["one", r"\x1b[1mtwo"]


def test_a_stream_shows_each_record_at_once() -> None:
    """A line of a stream can be read while the next one is still to come."""
    child = spawned("toy", "follow")

    child.expect_exact(r"\x1b[2J rose")
    child.sendintr()
    child.expect_exact("^C")
    child.read()
    child.close()
    assert child.exitstatus == 130


def test_head_ends_the_program_quietly() -> None:
    """When the reader goes away the program ends with 141 and no word."""
    done = in_shell("toy toy big 100000 | head -1; echo ${PIPESTATUS[0]}")

    assert (done.stdout, done.stderr) == ("userId\tname\txp\n141\n", "")


@pytest.mark.parametrize("words", ["toy list", "toy big 100000 -o csv", "--help"])
def test_a_full_disk_is_an_error(words: str) -> None:
    """Output that could not be written is never taken for written."""
    done = in_shell(f"toy {words} >/dev/full")

    assert done.returncode == 1
    assert done.stderr == (
        "error: cannot write the output: the disk is full\n"
        "hint: make room, or send the output elsewhere\n"
    )


def test_after_a_change_a_full_disk_says_that_it_was_made() -> None:
    """Who cannot see the result of a change must learn that it was made all the same."""
    done = in_shell("toy toy give alice 5 -g 100000000000000009 >/dev/full")

    assert done.returncode == 1
    assert "hint: the change itself was made; make room" in done.stderr


def test_a_closed_stdout_is_an_error() -> None:
    """With no stdout there is a message; with nothing to print all is well."""
    failed = in_shell("toy toy list >&-")
    silent = in_shell("toy toy give alice 5 -q -g 100000000000000009 >&-")

    assert (failed.returncode, failed.stderr) == (
        1,
        "error: cannot write the output: stdout is closed\n"
        "hint: make room, or send the output elsewhere\n",
    )
    assert (silent.returncode, silent.stderr) == (0, "")


@pytest.mark.parametrize("closed", ["2>&-", "2>/dev/full"])
def test_a_broken_stderr_breaks_nothing(closed: str) -> None:
    """Without stderr results and exit codes stay what they are."""
    good = in_shell(f"toy toy give alice 5 --json -g 100000000000000009 {closed}")
    bad = in_shell(f"toy toy fail missing {closed}")

    assert good.returncode == 0 and '"newXp": 5' in good.stdout
    assert (bad.returncode, bad.stdout) == (3, "")


def test_rows_are_written_as_they_come(capsys: pytest.CaptureFixture[str]) -> None:
    """Rows from a generator are not gathered first: output begins before the last row exists."""
    begun: list[bool] = []

    def rows() -> Iterator[dict[str, int]]:
        for number in range(2000):
            if number == 1999:
                begun.append(bool(capsys.readouterr().out))
            yield {"a": number}

    render(Rows(["a"], rows()), View(output="tsv"))

    assert begun == [True]


def test_progress_is_seen_on_terminals_only() -> None:
    """Long work has a bar on a terminal, none in a pipe and none with --quiet."""
    assert b"Counting [red]" in on_terminal("toy", "work").raw
    assert b"Counting" not in on_terminal("toy", "work", "-q").raw
    done = toy("toy", "work")
    assert (done.stdout, done.stderr) == ("done\n", "")


def test_a_column_keeps_its_kind_when_picked() -> None:
    """A column chosen by --fields has the heading that it was declared with."""
    lines = on_terminal("toy", "page", "--fields", "xp,userId").lines

    assert re.search(r"xp +│ who", lines[1])


def test_columns_have_kinds(capsys: pytest.CaptureFixture[str]) -> None:
    """A column may be declared by its key alone or with a heading; pipes show the key."""
    assert printed(capsys, Rows([Column("a", "Heading"), "b"], [])) == "a\tb\n"
