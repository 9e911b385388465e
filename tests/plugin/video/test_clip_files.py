"""What goes in comes out: times, turns, ranges, sizes, sound; and what is said of broken files."""

from __future__ import annotations

import builtins

import numpy as np
import pytest

from facefidelity.core.errors import InvalidInput, MissingExtra
from facefidelity.plugin.video import joining
from facefidelity.plugin.video.decoding import ClipReader
from facefidelity.plugin.video.encoding import SegmentWriter, delivered_size
from facefidelity.plugin.video.joining import join_segments
from facefidelity.plugin.video.library import require_av

av = pytest.importorskip("av", reason="needs PyAV (the video extra)")


def gradient(width: int = 96, height: int = 64) -> np.ndarray:
    across = np.linspace(20, 220, width)[None, :, None]
    down = np.linspace(0, 30, height)[:, None, None]
    return np.repeat(across + down, 3, 2).astype(np.uint8) + np.array([0, 4, 8], np.uint8)


def shifted(count: int, **size: int) -> list[np.ndarray]:
    return [np.roll(gradient(**size), 4 * number, 1) for number in range(count)]


def copied(path, tmp_path, cut: int = 4):
    """Through decoder, segments and join."""
    reader = ClipReader(path)
    frames = list(reader.frames())
    segments = []
    for start in range(0, len(frames), cut):
        segments.append(tmp_path / f"{start}.nut")
        with SegmentWriter(segments[-1], reader.facts, 4, 1, cut) as writer:
            for frame in frames[start : start + cut]:
                writer.write(frame.pixels, frame.pts)
    target = tmp_path / "out.mp4"
    lost = join_segments(segments, path, target, "said")
    return reader, frames, ClipReader(target), lost


def seconds(reader, frames):
    return [float(frame.pts * reader.facts.time_base) for frame in frames]


def packets(path):
    with av.open(str(path)) as container:
        return [
            (packet.pts * packet.time_base, bytes(packet))
            for packet in container.demux(audio=0)
            if packet.dts is not None
        ]


def test_a_variable_frame_rate_keeps_every_time_stamp(put_clip, tmp_path):
    times = [0, 40, 50, 200, 230, 500, 503, 900, 1000]
    clip = put_clip("in.mp4", shifted(9), times_ms=times)
    reader, frames, result, _ = copied(clip, tmp_path)
    assert seconds(reader, frames) == pytest.approx([time / 1000 for time in times], abs=1e-4)
    assert seconds(result, result.frames()) == pytest.approx(seconds(reader, frames), abs=1e-6)


@pytest.mark.parametrize("full_range", [False, True])
def test_colours_come_back_in_either_range(put_clip, tmp_path, full_range):
    frames = shifted(5)
    clip = put_clip("in.mp4", frames, full_range=full_range)
    reader, decoded, result, _ = copied(clip, tmp_path)
    assert reader.facts.colours.full_range is full_range
    assert result.facts.colours == reader.facts.colours
    for original, read, again in zip(frames, decoded, result.frames(), strict=True):
        inside = (slice(4, -4), slice(30, -30))
        assert np.abs(read.pixels[inside].astype(int) - original[inside]).mean() < 4
        assert np.abs(again.pixels.astype(int) - read.pixels).mean() < 2


@pytest.mark.parametrize("rotation", [90, 180, -90])
def test_a_turned_clip_is_upright_in_and_out(put_clip, tmp_path, rotation):
    clip = put_clip("in.mp4", shifted(5), rotation=rotation)
    reader, frames, result, _ = copied(clip, tmp_path)
    upright = np.rot90(gradient(), rotation // 90)
    assert frames[0].pixels.shape == upright.shape
    assert np.abs(frames[0].pixels.astype(int) - upright).mean() < 6
    assert result.facts.quarter_turns == 0
    assert (result.facts.width, result.facts.height) == (reader.facts.width, reader.facts.height)


def test_an_odd_side_grows_by_one_px_and_nothing_moves(put_clip, tmp_path):
    clip = put_clip("in.mp4", shifted(5, width=97, height=65))
    reader, frames, result, _ = copied(clip, tmp_path)
    assert (result.facts.width, result.facts.height) == delivered_size(reader.facts, 1) == (98, 66)
    again = next(iter(result.frames())).pixels[:65, :97]
    assert np.abs(again.astype(int) - frames[0].pixels).mean() < 4


def test_sound_is_copied_packet_by_packet_and_the_clip_says_its_sentence(put_clip, tmp_path):
    clip = put_clip("in.mp4", shifted(9), sound=True)
    _, _, result, lost = copied(clip, tmp_path)
    assert packets(result.path) == packets(clip)
    assert lost == []
    with av.open(str(result.path)) as container:
        assert container.metadata["comment"] == "said"


def test_sound_that_an_mp4_cannot_hold_is_named(put_clip, tmp_path, monkeypatch):
    clip = put_clip("in.mp4", shifted(5), sound=True)
    monkeypatch.setattr(joining, "fits", lambda stream, result: False)
    *_, lost = copied(clip, tmp_path)
    assert lost == ["expected audio that an MP4 can hold, got aac; it was left out"]


def test_a_truncated_clip_gives_what_can_be_decoded_and_says_so(put_clip, tmp_path):
    noise = np.random.default_rng(1).integers(0, 255, (40, 64, 96, 3)).astype(np.uint8)
    whole = put_clip("whole.mkv", list(noise))
    data = whole.read_bytes()
    cut = tmp_path / "cut.mkv"
    cut.write_bytes(data[: len(data) // 2])
    reader = ClipReader(cut)
    got = len(list(reader.frames()))
    assert 5 < got < 35
    assert "the file seems truncated" in reader.problem()
    whole_reader = ClipReader(whole)
    assert len(list(whole_reader.frames())) == 40
    assert whole_reader.problem() is None


def test_a_file_without_its_index_is_named(put_clip, tmp_path):
    whole = put_clip("whole.mp4", shifted(6))
    cut = tmp_path / "cut.mp4"
    cut.write_bytes(whole.read_bytes()[:900])
    with pytest.raises(InvalidInput, match=r"expected a clip in .*cut\.mp4.*index may be missing"):
        ClipReader(cut)


def test_sound_alone_is_no_clip(tmp_path):
    path = tmp_path / "voice.mp4"
    with av.open(str(path), "w") as container:
        voice = container.add_stream("aac", rate=48_000, layout="mono")
        tone = av.AudioFrame.from_ndarray(
            np.zeros((1, 4096), np.float32), format="fltp", layout="mono"
        )
        tone.sample_rate = 48_000
        container.mux(voice.encode(tone))
        container.mux(voice.encode(None))
    with pytest.raises(InvalidInput, match="without a video stream"):
        ClipReader(path)


def test_without_pyav_the_extra_is_named(monkeypatch):
    real = builtins.__import__

    def refuse(name, *rest, **more):
        if name == "av":
            raise ImportError(name)
        return real(name, *rest, **more)

    monkeypatch.setattr(builtins, "__import__", refuse)
    require_av.cache_clear()
    with pytest.raises(MissingExtra, match=r"pip install 'facefidelity\[video\]'"):
        require_av()
    require_av.cache_clear()
