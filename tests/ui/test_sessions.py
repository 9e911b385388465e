"""A session's files and values go with it, and no other session's do."""

from __future__ import annotations

from pathlib import Path

import pytest

from facefidelity.ui.sessions import Sessions


@pytest.fixture
def sessions(tmp_path: Path) -> Sessions:
    work = tmp_path / "work"
    work.mkdir()
    return Sessions(work)


def test_folders_are_private_and_not_to_be_guessed(sessions: Sessions) -> None:
    ann, bob = sessions.folder("ann"), sessions.folder("bob")
    assert ann == sessions.folder("ann") != bob
    assert ann.stat().st_mode & 0o077 == 0
    assert "ann" not in ann.name
    assert len(ann.name) > 30


def test_the_end_deletes_folder_values_and_claimed_files(
    sessions: Sessions, tmp_path: Path
) -> None:
    upload = tmp_path / "work" / "upload.png"
    upload.write_bytes(b"x")
    sessions.claim("ann", upload)
    sessions.keep("ann", "inspect", 1)
    folder = sessions.new_folder("ann", "inspect")
    (folder / "face.png").write_bytes(b"x")
    sessions.end("ann")
    assert not folder.exists()
    assert not upload.exists()
    assert sessions.kept("ann", "inspect") is None
    sessions.end("ann")


def test_a_file_of_two_sessions_stays_until_the_last_has_ended(
    sessions: Sessions, tmp_path: Path
) -> None:
    upload = tmp_path / "work" / "same.png"
    upload.write_bytes(b"x")
    for session in ("ann", "bob"):
        sessions.claim(session, upload)
    sessions.end("ann")
    assert upload.exists()
    sessions.end("bob")
    assert not upload.exists()


def test_nothing_outside_the_private_folder_is_ever_deleted(
    sessions: Sessions, tmp_path: Path
) -> None:
    foreign = tmp_path / "foreign.png"
    foreign.write_bytes(b"x")
    link = tmp_path / "work" / "link.png"
    link.symlink_to(foreign)
    sessions.claim("ann", foreign)
    sessions.claim("ann", link)
    sessions.end("ann")
    assert foreign.exists()


def test_only_the_last_two_runs_of_a_tab_are_kept(sessions: Sessions) -> None:
    runs = [sessions.new_folder("ann", "inspect") for _ in range(4)]
    other = sessions.new_folder("ann", "compare")
    assert [run.exists() for run in runs] == [False, False, True, True]
    assert other.exists()


def test_values_are_each_session_s_own(sessions: Sessions) -> None:
    sessions.keep("ann", "inspect", "hers")
    assert sessions.kept("ann", "inspect") == "hers"
    assert sessions.kept("bob", "inspect") is None
