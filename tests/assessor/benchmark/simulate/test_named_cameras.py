"""Named cameras: as their files say, refused where a file is wrong, apart from the random ones."""

from __future__ import annotations

from dataclasses import asdict
from importlib.util import find_spec
from pathlib import Path

import cv2
import numpy as np
import pytest

from facefidelity.assessor.benchmark.build_plan import PAPER_CAMERAS
from facefidelity.assessor.benchmark.simulate.analogue import AnalogueLine
from facefidelity.assessor.benchmark.simulate.camera import VirtualCamera
from facefidelity.assessor.benchmark.simulate.named import camera_names, load_camera, named_camera
from facefidelity.assessor.benchmark.simulate.random_camera import (
    RANDOM_STEPS,
    RandomCamera,
    draw_camera,
)
from facefidelity.core.errors import InvalidInput, NotRegistered

CAMERAS = camera_names()
PLAIN = "name: mine\nsummary: a test\nface_px: [20, 40]\ncodec: jpeg\nquality: [30, 50]\n"


@pytest.fixture(scope="module")
def pristine(astronaut_face) -> np.ndarray:
    return cv2.resize(astronaut_face.pixels, (256, 256), interpolation=cv2.INTER_AREA)


def own_camera(folder: Path, text: str) -> Path:
    path = folder / "mine.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def bounds(value) -> tuple[float, float]:
    return value if isinstance(value, tuple) else (value, value)


def inside(value: float, asked) -> bool:
    low, high = bounds(asked)
    return low - 1e-9 <= value <= high + 1e-9


def draws(name: str, count: int = 60) -> list[VirtualCamera]:
    return [named_camera(name).draw(np.random.default_rng(seed)) for seed in range(count)]


def test_there_are_enough_cameras():
    assert len(CAMERAS) >= 6
    assert set(PAPER_CAMERAS) <= set(CAMERAS)
    assert sum(named_camera(name).held_out for name in CAMERAS) >= 2
    for name in PAPER_CAMERAS:
        assert "shaped after the paper" in named_camera(name).summary


@pytest.mark.parametrize("name", CAMERAS)
def test_every_draw_lies_in_the_ranges_of_the_file(name):
    asked = named_camera(name)
    assert asked.name == name
    assert asked.summary
    for camera in draws(name):
        assert inside(camera.face_px, asked.face_px)
        for field in ("saturation", "falloff", "contrast", "exposure", "gamma"):
            assert inside(getattr(camera, field), getattr(asked, field)), field
        for field in ("motion_px", "defocus_px"):
            assert 0 <= getattr(camera, field) <= max(0, bounds(getattr(asked, field))[1]), field
        assert inside(camera.white_balance[0], asked.red_gain)
        assert inside(camera.white_balance[1], asked.blue_gain)
        for kind, sigma in camera.noise:
            assert sigma > 0
            assert inside(sigma, asked.noise[kind])
        for step, strength in camera.processing:
            assert strength > 0
            assert inside(strength, asked.processing[step])
        for field, value in asdict(camera.analogue).items():
            assert inside(value, getattr(asked.line, field)), field
        assert (camera.grey, camera.demosaic) == (asked.grey, asked.demosaic)
        assert (camera.codec, len(camera.quality)) == (asked.codec, asked.passes)
        assert all(inside(quality, asked.quality) for quality in camera.quality)


@pytest.mark.parametrize("name", CAMERAS)
def test_every_range_is_used_to_its_ends(name):
    asked, found = named_camera(name), draws(name, 200)
    for field in ("face_px", "contrast", "exposure"):
        low, high = bounds(getattr(asked, field))
        values = [getattr(camera, field) for camera in found]
        assert min(values) - low <= 0.1 * (high - low)
        assert high - max(values) <= 0.1 * (high - low)
    for kind in asked.noise:
        assert any(kind in dict(camera.noise) for camera in found)


@pytest.mark.parametrize("name", CAMERAS)
def test_a_capture_repeats_and_is_not_the_pristine_face(name, pristine):
    if {"h264", "hevc"} & set(named_camera(name).codecs) and find_spec("av") is None:
        pytest.skip("needs PyAV (the test extra)")
    first, second = (
        named_camera(name).draw(rng).capture(pristine, rng)
        for rng in (np.random.default_rng(5), np.random.default_rng(5))
    )
    assert first.tobytes() == second.tobytes()
    assert first.shape == pristine.shape
    assert np.abs(first.astype(int) - pristine).mean() > 3


def foreign_faults(camera: VirtualCamera) -> set[str]:
    """What a capture has that no random camera ever draws."""
    random = RandomCamera()
    line = {name for name in ("crawl", "ghost", "comb_px") if getattr(camera.analogue, name)}
    steps = {step for step, _ in camera.processing} - set(RANDOM_STEPS)
    return line | steps | ({camera.codec} - set(random.codecs))


def test_random_cameras_have_no_foreign_fault():
    cameras = [draw_camera(np.random.default_rng(seed)) for seed in range(500)]
    assert set().union(*map(foreign_faults, cameras)) == set()
    assert any(camera.analogue != AnalogueLine() for camera in cameras)


@pytest.mark.parametrize("name", CAMERAS)
def test_held_out_means_a_fault_that_training_never_has(name):
    share = np.mean([bool(foreign_faults(camera)) for camera in draws(name)])
    if named_camera(name).held_out:
        assert share > 0.5
    else:
        assert share == 0


def test_an_own_camera_is_read_from_its_file(tmp_path, pristine):
    camera = named_camera(str(own_camera(tmp_path, PLAIN + "noise: {white: 4}\n")))
    drawn = camera.draw(np.random.default_rng(0))
    assert drawn.noise == (("white", 4.0),)
    assert drawn.capture(pristine, np.random.default_rng(0)).shape == pristine.shape


def test_an_unknown_name_lists_the_cameras_or_the_closest():
    with pytest.raises(NotRegistered) as caught:
        named_camera("periscope")
    assert all(name in str(caught.value) for name in (*CAMERAS, "random", "YAML"))
    with pytest.raises(NotRegistered, match="did you mean night_ir"):
        named_camera("night-ir")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "valid dictionary"),
        ("a: [", "expected a camera's YAML file"),
        (PLAIN + "lens: 1\n", "lens: Extra inputs"),
        (PLAIN + "line: {buzz: 1}\n", "line.buzz: Extra inputs"),
        (PLAIN + "noise: {hiss: 3}\n", "noise: expected one of white, .*, got 'hiss'"),
        (PLAIN + "processing: {sparkle: 1}\n", "processing: expected one of .*, got 'sparkle'"),
        (PLAIN + "demosaic: vng\n", "demosaic: expected one of .*, got 'vng'"),
        (PLAIN.replace("jpeg", "gif"), "codec: expected one of jpeg, .*, got 'gif'"),
        (PLAIN.replace("name: mine", "name: ../mine"), "name: .*pattern"),
        (PLAIN + "contrast: [2, 1]\n", "contrast: expected a range from low to high"),
        (PLAIN + "contrast: high\n", "contrast.*valid number"),
        (PLAIN + "contrast: .nan\n", "contrast.*finite"),
        (PLAIN + "gamma: 0\n", "gamma: expected more than 0"),
        (PLAIN + "overlay_share: 2\n", "overlay_share: .*less than or equal to 1"),
        (PLAIN.replace("[20, 40]", "[0, 40]"), "face_px: expected a range between 1 and"),
        (PLAIN.replace("[30, 50]", "[30, 500]"), "quality: expected a range between 1 and 100"),
    ],
)
def test_a_wrong_file_is_refused_in_one_sentence(tmp_path, text, told):
    path = own_camera(tmp_path, text)
    with pytest.raises(InvalidInput, match=told) as caught:
        load_camera(path)
    assert str(path) in str(caught.value)


def test_a_file_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(InvalidInput, match="expected a camera's YAML file"):
        named_camera(str(tmp_path / "none.yaml"))
