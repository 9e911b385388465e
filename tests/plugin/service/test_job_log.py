"""The job log: whole lines, on the disk, one writer."""

from __future__ import annotations

import json
import os
import stat
import threading
from pathlib import Path

import pytest

pytest.importorskip("fastapi", reason="needs the serve extra")

from facefidelity.core.errors import InvalidInput, WriteFailed
from facefidelity.plugin.service import job_log
from facefidelity.plugin.service.job_log import JobLog


def test_lines_of_many_threads_stay_whole(tmp_path: Path) -> None:
    log = JobLog(tmp_path / "new" / "jobs.jsonl")
    threads = [
        threading.Thread(
            target=lambda n=n: [log.append("ended", job=n * 50 + i) for i in range(50)]
        )
        for n in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    log.close()
    path = tmp_path / "new" / "jobs.jsonl"
    assert {json.loads(line)["job"] for line in path.read_text().splitlines()} == set(range(200))
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_line_is_flushed_to_the_disk_each_time(tmp_path: Path, monkeypatch) -> None:
    log, synced = JobLog(tmp_path / "j"), []
    true_sync = os.fsync
    monkeypatch.setattr(job_log.os, "fsync", lambda f: (synced.append(f), true_sync(f))[1])
    log.append("accepted", job="a")
    assert len(synced) == 1


def test_a_line_that_a_crash_cut_off_spoils_no_other(tmp_path: Path) -> None:
    path = tmp_path / "jobs.jsonl"
    path.write_bytes(b'{"event": "accepted", "jo')
    log = JobLog(path)
    log.append("serving")
    assert json.loads(path.read_text().splitlines()[-1])["event"] == "serving"


def test_a_full_disk_leaves_whole_lines(tmp_path: Path, monkeypatch) -> None:
    path = tmp_path / "jobs.jsonl"
    log = JobLog(path)
    log.append("accepted", job="a")

    def half(file: int, data: bytes) -> int:
        if len(data) < 10:
            raise OSError(28, "No space left on device")
        return true_write(file, data[: len(data) // 2])

    true_write = os.write
    monkeypatch.setattr(job_log.os, "write", half)
    with pytest.raises(WriteFailed, match="No space left"):
        log.append("accepted", job="b")
    monkeypatch.undo()
    log.append("ended", job="a")
    assert [json.loads(line)["event"] for line in path.read_text().splitlines()] == [
        "accepted",
        "ended",
    ]


def test_two_servers_do_not_write_one_log(tmp_path: Path) -> None:
    first = JobLog(tmp_path / "jobs.jsonl")
    with pytest.raises(InvalidInput, match="--job-log"):
        JobLog(tmp_path / "jobs.jsonl")
    first.close()
    JobLog(tmp_path / "jobs.jsonl").close()


def test_a_place_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    with pytest.raises(WriteFailed, match="job log"):
        JobLog(tmp_path)
