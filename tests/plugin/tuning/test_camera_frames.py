"""Frames: sampled, measured, and named where they cannot be read."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from facefidelity.core.errors import InvalidInput
from facefidelity.core.images import write_picture
from facefidelity.plugin.assessment import FaceAssessment
from facefidelity.plugin.tuning.frames import collect_faces


@pytest.fixture
def assessment(fake_judge) -> FaceAssessment:
    return FaceAssessment(fake_judge.assessor)


@pytest.fixture
def many(tmp_path: Path) -> Path:
    rng = np.random.default_rng(0)
    for number in range(12):
        pixels = rng.integers(0, 255, (64, 64, 3), np.uint8)
        write_picture(tmp_path / f"{number:02d}.png", pixels)
    (tmp_path / "broken.jpg").write_bytes(b"nothing")
    return tmp_path


def test_every_frame_is_read_and_the_broken_one_named(assessment, many: Path) -> None:
    told: list[tuple[str, int, int]] = []
    found = collect_faces(
        [many], assessment, aligned=True, progress=lambda *what: told.append(what)
    )
    assert (len(found.faces), found.frames, found.offered) == (12, 13, 13)
    ((name, why),) = found.problems
    assert name.endswith("broken.jpg")
    assert "expected" in why
    assert told[-1] == ("looking for faces", 13, 13)
    assert len(found.sha256) == 64


def test_of_many_frames_the_same_sample_is_drawn(assessment, many: Path) -> None:
    first, second, other = (
        collect_faces([many], assessment, aligned=True, most_frames=5, seed=seed)
        for seed in (1, 1, 2)
    )
    assert first.frames == 5
    assert first.offered == 13
    assert first.sha256 == second.sha256 != other.sha256


def test_no_frames_at_all_are_refused(assessment, tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="found none"):
        collect_faces([tmp_path], assessment)


def test_a_jpegs_own_table_tells_its_quality(assessment, tmp_path: Path) -> None:
    from PIL import Image

    pixels = np.random.default_rng(0).integers(0, 255, (64, 64, 3), np.uint8)
    for quality in (30, 60, 90):
        Image.fromarray(pixels).save(tmp_path / f"q{quality}.jpg", quality=quality)
    found = collect_faces([tmp_path], assessment, aligned=True)
    told = [face.signals.compression_quality for face in found.faces]
    assert told == pytest.approx([30, 60, 90], abs=2)
