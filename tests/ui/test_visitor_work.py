"""Long work of a visitor can be stopped, and what visitors upload names no file of the server."""

from __future__ import annotations

import json
import threading
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from facefidelity.core.errors import InvalidInput, WorkStopped
from facefidelity.core.images import write_picture
from facefidelity.plugin.cli.main import run

pytest.importorskip("gradio", reason="needs gradio: pip install 'facefidelity[ui]'")
pytest.importorskip("plotly", reason="needs plotly: pip install 'facefidelity[ui]'")

from facefidelity.ui.context import PageContext
from facefidelity.ui.jobs import Job, Tell
from facefidelity.ui.rate_uploads import study_of, upload_study
from facefidelity.ui.review_desk import ReviewRoom
from facefidelity.ui.review_uploads import open_upload
from facefidelity.ui.sessions import Sessions
from facefidelity.ui.visitor_files import pictures_by_name, visitor_restorers

WAIT = 30


@pytest.fixture
def page(tmp_path: Path) -> PageContext:
    work = tmp_path / "work"
    work.mkdir()
    return PageContext(work, Sessions(work))


def test_a_job_says_how_far_it_is_and_gives_its_result() -> None:
    go = threading.Event()

    def work(tell: Tell) -> int:
        tell("trying", 2, 5)
        go.wait(WAIT)
        return 7

    job = Job(work)
    while job.stage.words != "trying":
        assert job.runs(0.01)
    assert (job.stage.done, job.stage.total) == (2, 5)
    go.set()
    assert job.result() == 7
    assert not job.runs(0)


def test_a_stopped_job_ends_at_its_next_step_and_an_error_is_handed_on() -> None:
    go = threading.Event()

    def work(tell: Tell) -> None:
        go.wait(WAIT)
        tell("next", 1, 2)
        pytest.fail("went on after it was stopped")

    job = Job(work)
    job.stop()
    go.set()
    with pytest.raises(WorkStopped):
        job.result()

    def fails(_tell: Tell) -> None:
        raise InvalidInput("expected this")

    with pytest.raises(InvalidInput, match="expected this"):
        Job(fails).result()


def test_a_session_that_ends_stops_its_work(page: PageContext) -> None:
    ended: list[str] = []
    page.sessions.at_end("ann", "job", lambda: ended.append("first"))
    page.sessions.at_end("ann", "job", lambda: ended.append("second"))
    page.sessions.at_end("bob", "job", lambda: ended.append("bob"))
    page.sessions.end("ann")
    assert ended == ["second"]
    page.sessions.end_all()
    assert ended == ["second", "bob"]


@pytest.fixture(scope="module")
def batch(astronaut: Any, tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("batch")
    (root / "in").mkdir()
    write_picture(root / "in" / "photo.png", np.ascontiguousarray(astronaut[:260, 90:350]))
    words = ["restore", str(root / "in"), "-o", str(root / "out"), "--restorer", "classical"]
    assert run(words) == 0
    return root


def test_an_uploaded_record_reads_uploads_only(page: PageContext, batch: Path) -> None:
    log, result = batch / "out" / "decisions.jsonl", batch / "out" / "photo.png"
    desk = open_upload(page, "ann", [str(log), str(result)])
    (face,) = desk.faces()
    assert Path(face.path).is_file(), "the record names a file that is there"
    assert desk.crops(face).before is None
    assert "photo.png is not where the batch left it" in str(desk.crops(face).problem)
    whole = open_upload(page, "ann", [str(log), str(result), str(batch / "in" / "photo.png")])
    crops = whole.crops(whole.faces()[0])
    assert crops.before is not None
    assert crops.after is not None
    assert whole.restoration(whole.faces()[0]).shape == (512, 512, 3)


def test_an_uploaded_record_runs_no_restorer_that_reads_a_path(
    page: PageContext, batch: Path, tmp_path: Path
) -> None:
    record = json.loads((batch / "out" / "decisions.jsonl").read_text(encoding="utf-8"))
    record |= {"restorer": "onnx", "settings": {"weights": "/etc/passwd"}}
    log = tmp_path / "decisions.jsonl"
    log.write_text(json.dumps(record) + "\n", encoding="utf-8")
    desk = open_upload(page, "ann", [str(log), str(batch / "in" / "photo.png")])
    assert "onnx" not in visitor_restorers()
    with pytest.raises(InvalidInput, match="a restorer that may run here"):
        desk.restoration(desk.faces()[0])


@pytest.mark.parametrize(
    ("names", "said"),
    [
        ((), "decisions.jsonl of restore among the files"),
        (("a.png",), "decisions.jsonl of restore among the files"),
        (("a.jsonl", "b.jsonl"), "got 2 records"),
        (("empty.jsonl",), "expected faces"),
    ],
)
def test_what_is_no_batch_is_refused(
    page: PageContext, tmp_path: Path, names: tuple[str, ...], said: str
) -> None:
    for name in names:
        (tmp_path / name).write_bytes(b"")
    with pytest.raises(InvalidInput, match=said):
        open_upload(page, "ann", [str(tmp_path / name) for name in names])


def test_an_upload_is_known_by_a_name_that_ends_with_its_session(
    page: PageContext, batch: Path
) -> None:
    room = ReviewRoom(())
    desk = open_upload(page, "ann", [str(batch / "out" / "decisions.jsonl")])
    page.sessions.keep("ann", "review", desk)
    name = room.take(desk)
    assert len(name) > 30
    assert room.overrides_of_upload(name) is None
    assert room.thumbs(None, [], "", "", 0, 1, "log", False) == ([], [])
    del desk
    page.sessions.end("ann")
    with pytest.raises(InvalidInput, match="a batch of this page"):
        room.thumbs(name, [], "", "", 0, 1, "log", False)


def test_uploads_to_rate_are_the_session_s_own(page: PageContext, tmp_path: Path) -> None:
    files = [tmp_path / name for name in ("a.png", "b.png")]
    for number, path in enumerate(files):
        write_picture(path, np.full((32, 32, 3), 40 * number, np.uint8))
    with pytest.raises(InvalidInput, match="upload several"):
        upload_study(page, "ann", [])
    study = upload_study(page, "ann", [str(path) for path in files])
    assert study.plan.images == ("a.png", "b.png")
    assert study_of(page, "ann") is study
    assert study_of(page, "bob") is None


def test_two_pictures_of_one_name_are_refused(tmp_path: Path) -> None:
    paths = [tmp_path / folder / "a.png" for folder in ("lq", "hq")]
    with pytest.raises(InvalidInput, match="two called a.png"):
        pictures_by_name(map(str, paths))
    assert pictures_by_name([str(paths[0])] * 2) == {"a.png": paths[0]}
