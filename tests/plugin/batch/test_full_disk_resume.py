"""A disk that is full, or read-only, half-way: one sentence, nothing broken, a resume ends it."""

from __future__ import annotations

import errno
import os

import pytest

from facefidelity.core import files
from facefidelity.core.errors import InvalidInput, WriteFailed
from facefidelity.plugin.batch import journal as journal_module
from facefidelity.plugin.batch.journal_verification import verify_journal

NAMES = [f"{number:02d}" for number in range(8)]


def refuse_after(monkeypatch, count: int, number: int) -> None:
    """The disk refuses every file after the first few."""
    truly, written = files.replace_file, []

    def replace_file(path, data, mode=None):
        if path.suffix == ".png":
            written.append(path)
            if len(written) > count:
                raise OSError(number, os.strerror(number))
        truly(path, data, mode)

    monkeypatch.setattr("facefidelity.core.images.writing.replace_file", replace_file)


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EROFS, errno.EIO])
def test_a_disk_that_refuses_results_stops_the_batch(
    inputs, run_here, tmp_path, contents, monkeypatch, number
) -> None:
    folder, out = inputs(*NAMES), tmp_path / "out"
    with monkeypatch.context() as patch:
        refuse_after(patch, 3, number)
        with pytest.raises(WriteFailed, match=rf"{os.strerror(number)}; the batch stops.*--resume"):
            run_here(folder)
    assert list(contents(out)) == ["00.png", "01.png", "02.png"]
    assert list(verify_journal(out)) == []
    outcomes = run_here(folder, resume=True)
    assert [one.earlier for one in outcomes] == [True] * 3 + [False] * 5
    run_here(folder, out=tmp_path / "calm")
    assert contents(out) == contents(tmp_path / "calm")
    assert list(verify_journal(out)) == []


def test_one_place_that_refuses_costs_its_picture_only(inputs, run_here, tmp_path) -> None:
    folder, out = inputs("a", "b", "c"), tmp_path / "out"
    (out / "b.png").mkdir(parents=True)
    outcomes = run_here(folder)
    assert [bool(one.error) for one in outcomes] == [False, True, False]
    assert "folder" in outcomes[1].error
    assert list(verify_journal(out)) == []


def test_a_journal_that_cannot_grow_stops_the_batch(
    inputs, run_here, tmp_path, contents, monkeypatch
) -> None:
    names = [f"{number:02d}" for number in range(60)]
    folder, out = inputs(*names), tmp_path / "out"
    truly = journal_module.open_for_writing

    def small(path):
        connection = truly(path)
        connection.execute("PRAGMA max_page_count=9")
        return connection

    with monkeypatch.context() as patch:
        patch.setattr(journal_module, "open_for_writing", small)
        with pytest.raises(WriteFailed, match=r"disk is full; the batch stops here.*--resume"):
            run_here(folder)
    done = len((out / "decisions.jsonl").read_text().splitlines())
    assert 0 < done < len(names)
    assert len(contents(out)) - done in {0, 1}  # one result may be there whose rows did not fit
    assert list(verify_journal(out)) == []
    assert sum(one.earlier for one in run_here(folder, resume=True)) == done
    assert list(verify_journal(out)) == []


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root writes anywhere")
def test_a_folder_that_became_read_only_stops_the_batch(inputs, run_here, tmp_path) -> None:
    folder, out = inputs(*NAMES), tmp_path / "out"
    run_here(folder)
    (folder / "03.png").write_bytes(b"changed")
    out.chmod(0o555)
    try:
        with pytest.raises((WriteFailed, InvalidInput), match=r"resume|writable|readonly"):
            run_here(folder, resume=True)
    finally:
        out.chmod(0o755)
    run_here(folder, resume=True)
    assert list(verify_journal(out)) == []
