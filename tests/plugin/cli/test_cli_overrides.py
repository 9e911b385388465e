"""`restore --overrides` follows what people decided, says so, and names what it cannot follow."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from facefidelity.core.images import read_picture
from facefidelity.guards.verdict import Decision
from facefidelity.plugin.cli.main import run
from facefidelity.plugin.review.desk import ReviewDesk
from facefidelity.plugin.review.overrides_file import keep_override, read_overrides
from facefidelity.plugin.review.reviewed import FaceFilter, read_batch


@pytest.fixture(scope="module")
def batch(astronaut, tmp_path_factory) -> Path:
    """A folder with in/photo.png and out/, restored by the classical restorer."""
    from facefidelity.core.images import write_picture

    root = tmp_path_factory.mktemp("batch")
    (root / "in").mkdir()
    write_picture(root / "in" / "photo.png", np.ascontiguousarray(astronaut[:260, 90:350]))
    assert restore(root, "out") == 0
    return root


def restore(root: Path, out: str, *more: str) -> int:
    words = ["restore", str(root / "in"), "-o", str(root / out), "--restorer", "classical"]
    return run([*words, "--policy", "lenient", *more])


def records(folder: Path) -> list[dict]:
    return [json.loads(line) for line in (folder / "decisions.jsonl").read_text().splitlines()]


def pixels(path: Path) -> np.ndarray:
    return read_picture(path).pixels


def test_a_decision_is_followed_and_both_are_recorded(batch, tmp_path):
    (face,) = read_batch(batch / "out" / "decisions.jsonl")
    assert face.decision is Decision.ACCEPT
    file = tmp_path / "overrides.jsonl"
    keep_override(file, face.decide(Decision.REJECT, note="not her", who="ann"))
    assert restore(batch, "refused", "--overrides", str(file), "--report") == 0
    (record,) = records(batch / "refused")
    assert record["decision"] == "ACCEPT"
    assert record["delivered"] == "REJECT"
    told = record["override"]
    assert (told["decision"], told["note"], told["who"]) == ("REJECT", "not her", "ann")
    assert (pixels(batch / "refused" / "photo.png") == pixels(batch / "in" / "photo.png")).all()
    page = (batch / "refused" / "report.html").read_text()
    assert "A person (ann) decided REJECT" in page
    assert "not her" in page


def test_without_overrides_the_record_says_who_decided(batch):
    (record,) = records(batch / "out")
    assert (record["delivered"], record["override"]) == (record["decision"], None)


def test_what_fits_no_face_is_named_and_not_followed(batch, tmp_path, capsys):
    (face,) = read_batch(batch / "out" / "decisions.jsonl")
    said, file = face.decide(Decision.BLEND, share=0.5), tmp_path / "overrides.jsonl"
    for change in ({"face": 1}, {"box": (0, 0, 50, 50)}, {"input_sha256": "0" * 64}):
        keep_override(file, said.model_copy(update=change))
    assert restore(batch, "same", "--overrides", str(file)) == 1
    error = capsys.readouterr().err
    assert error.count("was not followed") == 3
    for why in ("1 faces were found", "face of this number is at", "no input has the bytes"):
        assert why in error
    assert (pixels(batch / "same" / "photo.png") == pixels(batch / "out" / "photo.png")).all()
    assert records(batch / "same")[0]["override"] is None


def test_a_file_that_is_none_is_wrong_use(batch, tmp_path, capsys):
    (tmp_path / "o.jsonl").write_text("{}\n")
    assert restore(batch, "none", "--overrides", str(tmp_path / "o.jsonl")) == 2
    assert "o.jsonl line 1" in capsys.readouterr().err
    assert not (batch / "none").exists()


def test_the_desk_finds_pictures_decides_and_counts(batch, tmp_path):
    folder = tmp_path / "moved"
    shutil.copytree(batch / "out", folder)
    desk = ReviewDesk(folder)
    (face,) = desk.select(FaceFilter(decisions=frozenset([Decision.ACCEPT])), "highest risk")
    crops = desk.crops(face)
    assert crops.problem is None
    assert crops.before.shape == crops.after.shape == (512, 512, 3)
    assert (crops.before != crops.after).any()
    restored = desk.restoration(face)
    assert np.abs(restored.astype(int) - crops.after).mean() < 6
    desk.decide(face, Decision.REJECT, who="ann")
    assert face.place in read_overrides(folder / "overrides.jsonl")
    assert desk.agreement().share == 0
    assert desk.select(FaceFilter(undecided=True), "file name") == ()
    desk.withdraw(face)
    assert desk.agreement().faces == 0


def test_a_changed_or_moved_picture_is_not_shown(batch, tmp_path):
    folder = tmp_path / "out"
    shutil.copytree(batch / "out", folder)
    (face,) = read_batch(folder / "decisions.jsonl")
    forged = face.model_copy(update={"input_sha256": "1" * 64})
    crops = ReviewDesk(folder).crops(forged)
    assert crops.before is None
    assert crops.problem == (
        "The input photo.png is not where the batch left it, or has been changed since."
    )
    secret = tmp_path / "secret.png"
    shutil.copy(folder / "photo.png", secret)
    for output in (str(secret), "../secret.png", str(folder / ".." / "secret.png"), "a\0b"):
        outside = face.model_copy(update={"output": output})
        assert ReviewDesk(folder).crops(outside).after is None
    (folder / "link.png").symlink_to(secret)
    linked = face.model_copy(update={"output": "link.png"})
    assert ReviewDesk(folder).crops(linked).after is None
