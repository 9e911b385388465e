"""Whatever is changed in a journal afterwards shows, at the first row that is not as written."""

from __future__ import annotations

import json
import shutil
import sqlite3
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from facefidelity.core.errors import InvalidInput
from facefidelity.plugin.batch.journal import Journal
from facefidelity.plugin.batch.journal_reading import journal_rows, summarise
from facefidelity.plugin.batch.journal_rows import COLUMNS, GENESIS, Row, chain_rows
from facefidelity.plugin.batch.journal_verification import verify_journal

ROWS = 14  # batch, session, and twelve rows of six pictures
EDITABLE = [name for name in COLUMNS if name not in {"kind", "face"}]
TAMPERING = settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@pytest.fixture(scope="module")
def written(tmp_path_factory) -> Path:
    out = tmp_path_factory.mktemp("chain") / "out"
    out.mkdir()
    lines = []
    with Journal(out / "journal.sqlite") as journal:
        journal.add([Row("batch", record='{"settings": {}}')])
        journal.add([Row("session", record='{"folder": ""}')])
        for number in range(6):
            line = json.dumps({"delivered": "ACCEPT", "seconds": number / 7, "n": number})
            picture = Row("picture", f"{number}.png", verdict="DONE", seconds=0.5)
            journal.add([picture, picture._replace(kind="face", face=0, record=line)])
            lines.append(line + "\n")
    (out / "decisions.jsonl").write_text("".join(lines))
    return out


def tampered(written: Path, folder: Path, *statements: tuple[str, tuple]) -> list:
    out = folder / "tampered"
    shutil.rmtree(out, ignore_errors=True)
    shutil.copytree(written, out)
    connection = sqlite3.connect(out / "journal.sqlite")
    for statement, values in statements:
        connection.execute(statement, values)
    connection.commit()
    connection.close()
    return [one for one in verify_journal(out) if one.kind in {"row", "end"}]


def test_what_was_written_holds(written) -> None:
    assert list(verify_journal(written)) == []
    assert len(list(journal_rows(written / "journal.sqlite"))) == ROWS
    assert sorted(path.name for path in written.iterdir()) == ["decisions.jsonl", "journal.sqlite"]


@TAMPERING
@given(number=st.integers(1, ROWS), column=st.sampled_from(EDITABLE), text=st.text(max_size=5))
def test_an_edit_shows_at_its_row(written, tmp_path, number, column, text) -> None:
    (before,) = [r for r in journal_rows(written / "journal.sqlite") if r.number == number]
    text = text.encode("utf-8", "ignore").decode() + "!"
    assert getattr(before.row, column) != text
    edit = (f"UPDATE rows SET {column} = ? WHERE number = ?", (text, number))  # noqa: S608
    (found,) = tampered(written, tmp_path, edit)
    assert (found.kind, found.row) == ("row", number)


@TAMPERING
@given(number=st.integers(1, ROWS))
def test_a_deletion_shows(written, tmp_path, number) -> None:
    (found,) = tampered(written, tmp_path, ("DELETE FROM rows WHERE number = ?", (number,)))
    expected = ("end", ROWS - 1) if number == ROWS else ("row", number + 1)
    assert (found.kind, found.row) == expected


@TAMPERING
@given(pair=st.lists(st.integers(1, ROWS), min_size=2, max_size=2, unique=True))
def test_another_order_shows(written, tmp_path, pair) -> None:
    one, other = sorted(pair)
    move = "UPDATE rows SET number = ? WHERE number = ?"
    steps = [(move, (99, one)), (move, (one, other)), (move, (other, 99))]
    (found,) = tampered(written, tmp_path, *steps)
    assert (found.kind, found.row) == ("row", one)


def test_a_repeated_row_shows(written, tmp_path) -> None:
    names = ", ".join(("digest", "chain", *COLUMNS))
    copy = f"INSERT INTO rows (number, {names}) SELECT 15, {names} FROM rows WHERE number = 14"  # noqa: S608
    (found,) = tampered(written, tmp_path, (copy, ()))
    assert (found.kind, found.row) == ("row", 15)


def test_a_number_that_is_no_number_shows(written, tmp_path) -> None:
    edit = ("UPDATE rows SET seconds = ? WHERE number = 3", (b"\x00",))
    (found,) = tampered(written, tmp_path, edit)
    assert (found.kind, found.row) == ("row", 3)


def test_a_journal_written_anew_lacks_the_chain_that_was_noted(written) -> None:
    noted = summarise(written / "journal.sqlite").chain
    assert list(verify_journal(written, noted)) == []
    (found,) = verify_journal(written, "0" * 64)
    assert found.kind == "head"


def test_an_edited_line_of_decisions_shows(written, tmp_path) -> None:
    out = tmp_path / "out"
    shutil.copytree(written, out)
    log = out / "decisions.jsonl"
    log.write_text(log.read_text().replace('"n": 4', '"n": 5'))
    (found,) = verify_journal(out)
    assert (found.kind, "line 5" in found.message) == ("log", True)


def test_times_move_the_chain_and_not_the_digest() -> None:
    row = Row("face", "a.png", face=0, seconds=1.0, record='{"seconds": 1.0, "risk": 0.5}')
    slower = row._replace(seconds=2.0, record='{"seconds": 2.0, "risk": 0.5}')
    riskier = row._replace(record='{"seconds": 1.0, "risk": 0.6}')
    one, two, three = (chain_rows([each])[0] for each in (row, slower, riskier))
    assert one.digest == two.digest != three.digest
    assert len({one.chain, two.chain, three.chain}) == 3
    (session,) = chain_rows([Row("session")])
    assert session.digest == GENESIS != session.chain


@pytest.mark.parametrize("content", [b"", b"no database at all" * 100, None])
def test_what_is_no_journal_is_named(tmp_path, content) -> None:
    if content is not None:
        (tmp_path / "journal.sqlite").write_bytes(content)
    with pytest.raises(InvalidInput, match="expected a journal"):
        list(verify_journal(tmp_path))


def test_a_foreign_database_is_not_written_to(tmp_path) -> None:
    path = tmp_path / "journal.sqlite"
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE mine (x)")
    connection.close()
    before = path.read_bytes()
    with pytest.raises(InvalidInput, match="another database"):
        Journal(path)
    assert path.read_bytes() == before
