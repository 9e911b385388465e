"""A whole clip: guarded, steady, the same bytes after any stop."""

from __future__ import annotations

import json

import numpy as np
import pytest

from facefidelity.core.errors import InvalidInput
from facefidelity.plugin.batch.folder import folder_claimed
from facefidelity.plugin.video import ClipSettings, restore_clip
from facefidelity.plugin.video import segments as segments_module
from facefidelity.plugin.video.decoding import ClipReader

from .conftest import HEAD_PX, head_frame

SETTINGS = ClipSettings(crf=4, steady_seconds=0.04, segment_frames=5)


def walking(count: int = 6) -> list[np.ndarray]:
    return [head_frame([(8 + 2 * number, 20), (100, 30)]) for number in range(count)]


def faces_of(done) -> list[dict]:
    lines = [json.loads(line) for line in done.decisions.read_text().splitlines()]
    assert lines[0]["kind"] == "clip"
    assert lines[-1]["kind"] == "end"
    return [line for line in lines if line["kind"] == "face"]


def of_track(done, number: int, field: str) -> list:
    return [face[field] for face in faces_of(done) if face["track"] == number]


def head_brightness(path, x: int, y: int) -> list[float]:
    inside = (slice(y + 22, y + HEAD_PX - 6), slice(x + 10, x + HEAD_PX - 10))
    return [float(frame.pixels[inside].mean()) for frame in ClipReader(path).frames()]


def test_every_face_of_every_frame_is_restored_judged_and_written(put_clip, make_guard, tmp_path):
    clip = put_clip("in.mp4", walking(), sound=True)
    done = restore_clip(clip, tmp_path / "out" / "in.mp4", make_guard(), SETTINGS)
    assert (done.frames, len(done.tracks), done.problems, done.changed) == (6, 2, (), True)
    faces = faces_of(done)
    assert len(faces) == 12
    assert {face["decision"] for face in faces} == {"ACCEPT"}
    assert {face["delivered"] for face in faces} == {1.0}
    before, after = (head_brightness(path, 100, 30) for path in (clip, done.target))
    assert min(np.subtract(after, before)) > 15
    assert not list((tmp_path / "out").glob(".*")), "no work is left behind"


def test_a_refused_frame_stays_as_it_was_and_its_neighbours_fade(put_clip, make_guard, tmp_path):
    clip = put_clip("in.mp4", [head_frame([(60, 30)])] * 12)
    done = restore_clip(clip, tmp_path / "out.mp4", make_guard(spoilt=[6]), SETTINGS)
    assert of_track(done, 1, "decision")[5:8] == ["ACCEPT", "REJECT", "ACCEPT"]
    delivered = of_track(done, 1, "delivered")
    assert delivered[6] == 0
    assert delivered == pytest.approx([1] * 4 + [2 / 3, 1 / 3, 0, 1 / 3, 2 / 3] + [1] * 3, abs=1e-3)
    before, after = (head_brightness(path, 60, 30) for path in (clip, done.target))
    gain = np.subtract(after, before)
    assert abs(gain[6]) < 2
    assert gain[5] == pytest.approx(gain[0] / 3, abs=3)


def test_verdicts_that_alternate_do_not_flicker(put_clip, make_guard, tmp_path):
    clip = put_clip("in.mp4", [head_frame([(60, 30)])] * 8)
    guard = make_guard(spoilt=range(0, 8, 2))
    steady = restore_clip(clip, tmp_path / "steady.mp4", guard, SETTINGS)
    (track,) = steady.tracks
    assert track["flicker_judged"] > 0.9
    assert track["flicker_delivered"] == 0
    assert steady.target.read_bytes() == clip.read_bytes(), "nothing delivered: the input's bytes"


@pytest.mark.parametrize("stop_after", [1, 2])
def test_a_stopped_run_goes_on_and_gives_the_same_bytes(
    put_clip, make_guard, tmp_path, monkeypatch, stop_after
):
    clip = put_clip("in.mp4", [head_frame([(60, 30)])] * 12, sound=True)
    spoilt = [4, 8]
    whole = restore_clip(clip, tmp_path / "whole.mp4", make_guard(spoilt), SETTINGS)
    target = tmp_path / "again.mp4"

    class Stopped(BaseException):
        pass

    real = segments_module.SegmentWriter

    def stop(path, *rest):
        if path.name == f"{stop_after:06d}.nut":
            raise Stopped
        return real(path, *rest)

    guard = make_guard(spoilt)
    restorer = guard.candidates[0].restorer
    with monkeypatch.context() as patched:
        patched.setattr(segments_module, "SegmentWriter", stop)
        with pytest.raises(Stopped):
            restore_clip(clip, target, guard, SETTINGS)
    assert not target.exists()
    looks = guard.assessment.detector.looks
    restorer.calls = 5 * stop_after  # the first face that is restored again
    again = restore_clip(clip, target, guard, SETTINGS)
    assert again.resumed_segments == stop_after
    assert guard.assessment.detector.looks == looks, "the first pass is not done again"
    assert restorer.calls == 12
    assert target.read_bytes() == whole.target.read_bytes()
    assert [{**face, "seconds": 0} for face in faces_of(again)] == [
        {**face, "seconds": 0} for face in faces_of(whole)
    ]


def test_other_settings_do_not_take_over_an_earlier_run_s_work(put_clip, make_guard, tmp_path):
    clip = put_clip("in.mp4", walking(3))
    work = tmp_path / ".out.mp4.work"
    work.mkdir()
    (work / "plan.json").write_text("{}")
    (work / "tracks.json").write_text("no work of ours")
    done = restore_clip(clip, tmp_path / "out.mp4", make_guard(), SETTINGS)
    assert done.resumed_segments == 0
    assert len(done.tracks) == 2


def test_two_runs_on_one_result_do_not_meet(put_clip, make_guard, tmp_path):
    clip = put_clip("in.mp4", walking(3))
    work = tmp_path / ".out.mp4.work"
    work.mkdir()
    with folder_claimed(work), pytest.raises(InvalidInput, match="output folder of its own"):
        restore_clip(clip, tmp_path / "out.mp4", make_guard(), SETTINGS)


def test_a_finished_clip_is_left_alone_on_resume_and_only_then(put_clip, make_guard, tmp_path):
    clip, target = put_clip("in.mp4", walking(3)), tmp_path / "out.mp4"
    first = restore_clip(clip, target, make_guard(), SETTINGS)
    guard = make_guard()
    again = restore_clip(clip, target, guard, SETTINGS, resume=True)
    assert again.earlier
    assert guard.assessment.detector.looks == 0
    assert again.tracks == first.tracks
    target.write_bytes(target.read_bytes() + b"!")
    assert not restore_clip(clip, target, guard, SETTINGS, resume=True).earlier


def test_a_clip_without_a_face_is_the_input_s_own_bytes(put_clip, make_guard, tmp_path):
    clip = put_clip("in.mp4", [head_frame([])] * 6, sound=True)
    done = restore_clip(clip, tmp_path / "out.mp4", make_guard(), SETTINGS)
    assert (done.tracks, done.changed) == ((), False)
    assert done.target.read_bytes() == clip.read_bytes()
    film = put_clip("in.mkv", [head_frame([])] * 6)
    done = restore_clip(film, tmp_path / "film.mp4", make_guard(), SETTINGS)
    assert len(list(ClipReader(done.target).frames())) == 6


def test_observe_judges_and_changes_nothing(put_clip, make_guard, tmp_path):
    clip = put_clip("in.mp4", walking(3))
    done = restore_clip(clip, tmp_path / "out.mp4", make_guard(policy="observe"), SETTINGS)
    assert done.target.read_bytes() == clip.read_bytes()
    assert len(faces_of(done)) == 6


def test_a_face_that_the_detector_missed_for_a_frame_is_restored_all_the_same(
    put_clip, make_guard, tmp_path
):
    clip = put_clip("in.mp4", [head_frame([(60, 30)])] * 12)
    done = restore_clip(
        clip, tmp_path / "out.mp4", make_guard(), ClipSettings(detect_every=4, segment_frames=5)
    )
    assert of_track(done, 1, "detected") == [n % 4 == 0 or n == 11 for n in range(12)]
    assert of_track(done, 1, "delivered") == [1.0] * 12


def test_frames_can_grow(put_clip, make_guard, tmp_path):
    clip = put_clip("in.mp4", walking(3))
    settings = ClipSettings(upscale=2, segment_frames=4)
    done = restore_clip(clip, tmp_path / "out.mp4", make_guard(), settings)
    facts = ClipReader(done.target).facts
    assert (facts.width, facts.height) == (320, 192)


def test_redacted_decisions_name_no_file(put_clip, make_guard, tmp_path):
    clip = put_clip("anna.mp4", walking(3))
    done = restore_clip(clip, tmp_path / "anna_out.mp4", make_guard(), SETTINGS, redact=True)
    assert "anna" not in done.decisions.read_text()


def test_a_clip_is_never_written_over(put_clip, make_guard):
    clip = put_clip("in.mp4", walking(3))
    with pytest.raises(InvalidInput, match="beside the clip"):
        restore_clip(clip, clip, make_guard())


@pytest.mark.parametrize(
    "wrong", [{"crf": 52}, {"steady_seconds": -1}, {"detect_every": 0}, {"upscale": 9}]
)
def test_settings_out_of_range_are_refused(wrong):
    with pytest.raises(InvalidInput, match=next(iter(wrong))):
        ClipSettings(**wrong)
