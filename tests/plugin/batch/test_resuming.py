"""Going on with a batch: what is done stays, what changed is done again, nothing of others goes."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from facefidelity.core.errors import InvalidInput
from facefidelity.plugin.batch.folder import folder_claimed
from facefidelity.plugin.batch.journal import Journal
from facefidelity.plugin.batch.journal_reading import journal_rows, summarise
from facefidelity.plugin.batch.journal_verification import verify_journal

HERE = Path(__file__).parent


def lines(out: Path) -> list[dict]:
    found = [json.loads(line) for line in (out / "decisions.jsonl").read_text().splitlines()]
    for one in found:
        del one["seconds"], one["candidates"], one["output"]
    return found


def test_what_is_done_is_left_alone(inputs, run_here, tmp_path) -> None:
    folder, out = inputs("a", "b/c", "bad"), tmp_path / "out"
    run_here(folder)
    before = {path: path.stat().st_mtime_ns for path in out.rglob("*.png")}
    outcomes = run_here(folder, resume=True)
    assert [(one.plan.source.stem, one.earlier) for one in outcomes] == [
        ("a", True),
        ("c", True),
        ("bad", False),
    ]
    assert {path: path.stat().st_mtime_ns for path in out.rglob("*.png")} == before
    assert [one["path"].rsplit("/", 1)[1] for one in lines(out)] == ["a.png", "c.png"]
    rows = [one.row.kind for one in journal_rows(out / "journal.sqlite")]
    # the failure is tried again and says the same: no further row
    assert rows == ["batch", "session", *["picture", "face"] * 2, "picture", "session"]
    assert list(verify_journal(out)) == []


@pytest.mark.parametrize("change", ["input", "result", "gone"])
def test_what_changed_is_done_again_in_its_place(inputs, run_here, tmp_path, change) -> None:
    folder, out = inputs("a", "b", "c"), tmp_path / "out"
    run_here(folder)
    if change == "input":
        (folder / "b.png").write_bytes(b"something else")
    elif change == "result":
        (out / "b.png").write_bytes(b"somebody changed it")
    else:
        (out / "b.png").unlink()
    outcomes = {one.plan.source.stem: one.earlier for one in run_here(folder, resume=True)}
    assert outcomes == {"a": True, "b": False, "c": True}
    assert (out / "b.png").read_bytes() == b"plain" + (folder / "b.png").read_bytes()[::-1]
    assert [one["path"].rsplit("/", 1)[1] for one in lines(out)] == ["a.png", "b.png", "c.png"]
    assert list(verify_journal(out)) == []
    assert summarise(out / "journal.sqlite").pictures == {"DONE": 3}


def test_other_settings_are_refused_and_named(inputs, run_here, tmp_path) -> None:
    folder, out = inputs("a"), tmp_path / "out"
    run_here(folder)
    before = summarise(out / "journal.sqlite")
    with pytest.raises(InvalidInput, match=r"got flavour other, was plain; give the same"):
        run_here(folder, "other", resume=True)
    assert summarise(out / "journal.sqlite") == before


def test_without_a_journal_a_resume_begins_and_keeps_old_lines(inputs, run_here, tmp_path) -> None:
    folder, out = inputs("a"), tmp_path / "out"
    out.mkdir()
    (out / "decisions.jsonl").write_text("of an earlier version\n")
    (one,) = run_here(folder, resume=True)
    assert not one.earlier
    assert (out / "decisions.previous.jsonl").read_text() == "of an earlier version\n"


def test_without_resume_the_earlier_batch_is_kept_beside(inputs, run_here, tmp_path) -> None:
    folder, out = inputs("a"), tmp_path / "out"
    run_here(folder)
    chain = summarise(out / "journal.sqlite").chain
    (one,) = run_here(folder, "other")
    assert not one.earlier
    assert summarise(out / "journal.previous.sqlite").chain == chain
    assert (out / "a.png").read_bytes().startswith(b"other")


def test_leftovers_of_a_kill_go_and_files_of_others_stay(inputs, run_here, tmp_path) -> None:
    folder, out = inputs("a", "b"), tmp_path / "out"
    run_here(folder)
    part = out / ".facefidelity-0123456789abcdef.part"
    theirs = [out / name for name in (".mine.part", "notes.txt", "b2.png")]
    for path in (part, *theirs):
        path.write_text("x")
    announced = out / "gone.png"
    announced.write_bytes(b"result without rows")
    with Journal(out / "journal.sqlite") as journal:
        for path in (announced, out / "b2.png"):
            journal.announce(path.name, "0b6e" * 16 if path.name == "b2.png" else _sha256(path))
    run_here(folder, resume=True)
    assert not part.exists()
    assert not announced.exists()
    assert all(path.exists() for path in theirs)


def _sha256(path: Path) -> str:
    import hashlib

    return hashlib.sha256(path.read_bytes()).hexdigest()


def test_two_batches_do_not_share_a_folder(inputs, run_here, tmp_path) -> None:
    folder, out = inputs("a"), tmp_path / "out"
    out.mkdir()
    with folder_claimed(out), pytest.raises(InvalidInput, match="another batch writes"):
        run_here(folder)
    run_here(folder)


def test_hidden_names_can_be_gone_on_with_and_verified(inputs, run_here, tmp_path) -> None:
    folder, out = inputs("anna", "bad"), tmp_path / "out"
    run_here(folder, redact=True)
    assert b"anna" not in b"".join(
        str(tuple(one.row)[:5]).encode() for one in journal_rows(out / "journal.sqlite")
    )
    outcomes = run_here(folder, redact=True, resume=True)
    assert [one.earlier for one in outcomes] == [True, False]
    assert list(verify_journal(out)) == []
    (out / "anna.png").write_bytes(b"changed")
    assert [one.kind for one in verify_journal(out)] == ["output"]


@pytest.mark.skipif(not hasattr(os, "fork"), reason="POSIX signals")
def test_killed_again_and_again_it_ends_as_if_undisturbed(
    inputs, run_here, tmp_path, contents
) -> None:
    folder = inputs(*[f"{number:03d}" for number in range(60)])
    calm, out = tmp_path / "calm", tmp_path / "out"
    out.mkdir()
    run_here(folder, out=calm)
    words = [sys.executable, str(HERE / "obedient_recipe.py"), str(folder), str(out)]
    chance, kills = random.Random(4), 0
    for target in (1, 12, 25, 40, 55):
        batch = subprocess.Popen(words)
        while len(list(out.glob("*.png"))) < target and batch.poll() is None:
            time.sleep(0.002)
        time.sleep(chance.random() * 0.02)
        batch.send_signal(signal.SIGKILL)
        kills += batch.wait() == -signal.SIGKILL
    assert kills >= 4
    assert subprocess.run(words, check=False).returncode == 0
    assert contents(out) == contents(calm)
    assert lines(out) == lines(calm)
    assert list(verify_journal(out)) == []
    one, other = (summarise(path / "journal.sqlite") for path in (calm, out))
    assert (one.digest, other.sessions) == (other.digest, kills + 1)
