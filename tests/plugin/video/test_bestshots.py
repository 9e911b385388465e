"""The best face of every person, as a picture with its scores."""

from __future__ import annotations

import pytest

from facefidelity.core.errors import InvalidInput
from facefidelity.core.images import read_picture
from facefidelity.plugin.assessment import FaceAssessment
from facefidelity.plugin.video import export_best_shots

from .conftest import BrightDetector, head_frame


def test_each_person_gets_the_frame_in_which_the_face_is_best(put_clip, fake_judge, tmp_path):
    frames = [head_frame([(20 + number, 20), (100, 30)]) for number in range(9)]
    frames[6][:, :90] = frames[6][:, :90] // 10 * 11  # the judge of this test likes bright faces
    clip = put_clip("gate.mp4", frames)
    assessment = FaceAssessment(fake_judge.assessor, BrightDetector())
    out = tmp_path / "faces"
    shots, problem = export_best_shots(clip, out, assessment, fake_judge, by="overall")
    assert problem is None
    assert [shot.track for shot in shots] == [1, 2]
    assert (shots[0].frame, shots[0].seconds) == (6, pytest.approx(0.24))
    assert sorted(path.name for path in out.iterdir()) == [
        "gate_track001.png",
        "gate_track002.png",
    ]
    record = shots[0].as_record()
    assert read_picture(shots[0].picture).pixels.shape == (512, 512, 3)
    assert (record["sightings"], record["first_frame"], record["last_frame"]) == (9, 0, 8)
    assert set(record["scores"]) >= {"fidelity", "overall"}


def test_a_head_that_does_not_exist_is_refused(put_clip, fake_judge, tmp_path):
    clip = put_clip("gate.mp4", [head_frame([])] * 3)
    with pytest.raises(InvalidInput, match="to choose by"):
        export_best_shots(clip, tmp_path, FaceAssessment(), fake_judge, by="beauty")


def test_an_empty_clip_gives_nothing(put_clip, fake_judge, tmp_path):
    clip = put_clip("gate.mp4", [head_frame([])] * 3)
    assessment = FaceAssessment(fake_judge.assessor, BrightDetector())
    assert export_best_shots(clip, tmp_path / "o", assessment, fake_judge) == ([], None)
